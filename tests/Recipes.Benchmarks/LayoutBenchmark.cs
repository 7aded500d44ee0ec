using Recipes.Layers;
using Recipes.Models;
using Recipes.Training;
using Recipes.Verbs;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Benchmarks;

/// <summary>Layouts and number types of folded networks.</summary>
internal static class LayoutBenchmark
{
    private static readonly (string Name, int Pixels)[] Networks =
    [
        ("mobileone_s0", 224),
        ("mobileone_s1", 224),
        ("mobileone_s2", 224),
        ("mobileone_s3", 224),
        ("mobileone_s4", 224),
        ("fastvit_t8", 256),
        ("fastvit_sa12", 256),
        ("mci0", 256),
        ("mci2", 256),
        ("clip_vit_b_16_image", 224),
    ];

    public static IEnumerable<Table> Run(BenchmarkOptions options)
    {
        foreach (var (name, pixels) in options.Quick ? Networks[..1] : Networks)
        {
            using var network = Zoo.Spec(name).Build();
            network.eval();
            Modules.Fold(network);
            using var layout = TorchEngine.Prepare(network, ChannelsLast.On);
            using var half = TorchEngine.Prepare(network, ChannelsLast.Off, Precision.Bf16);
            using var both = TorchEngine.Prepare(network, ChannelsLast.On, Precision.Bf16);
            foreach (var batch in (long[])[1, 8])
            {
                using var image = randn(batch, 3, pixels, pixels);
                yield return Table.Measure(
                    $"{name} folded, {pixels} px, batch {batch}, {get_num_threads()} threads",
                    2,
                    options.Rounds,
                    new Arm("contiguous", () => Forward(network, image)),
                    new Arm("channels last", () => Forward(layout, image)),
                    new Arm("bf16", () => Forward(half, image)),
                    new Arm("bf16, channels last", () => Forward(both, image))
                );
            }
        }
    }

    private static Cost Forward(nn.Module<Tensor, Tensor> network, Tensor image) =>
        Cost.Of(() =>
        {
            using var scope = NewDisposeScope();
            using var _ = inference_mode();
            network.call(image.to(network.parameters().First().dtype)).to(ScalarType.Float32);
        });
}
