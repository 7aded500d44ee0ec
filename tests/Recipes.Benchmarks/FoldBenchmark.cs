using Recipes.Models;
using Recipes.Verbs;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Benchmarks;

/// <summary>Latency of one image, train-time form against folded form, in evaluation mode, for every variant (paper, tab. 9).</summary>
internal static class FoldBenchmark
{
    public static IEnumerable<Table> Run(BenchmarkOptions options)
    {
        var pixels = options.Quick ? 64 : 224;
        foreach (var spec in (MobileOneSpec[])[MobileOne.S0(), MobileOne.S1(), MobileOne.S2(), MobileOne.S3(), MobileOne.S4()])
        {
            using var network = new MobileOne(spec);
            network.eval();
            using var folded = network.Reparameterize().Model;
            using var image = randn(1, 3, pixels, pixels);
            yield return Table.Measure(
                $"{spec.Name}, {pixels} px, batch 1, {get_num_threads()} threads",
                3,
                options.Rounds,
                new Arm("train-time form", () => Forward(network, image)),
                new Arm("folded", () => Forward(folded, image))
            );
        }
    }

    private static Cost Forward(nn.Module<Tensor, Tensor> network, Tensor image) =>
        Cost.Of(() =>
        {
            using var scope = NewDisposeScope();
            using var _ = inference_mode();
            network.call(image);
        });
}
