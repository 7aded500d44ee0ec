using Recipes.Data;
using Recipes.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Benchmarks;

/// <summary>Scenes drawn by one thread, and a training step fed with and without prefetching.</summary>
internal static class DataBenchmark
{
    /// <summary>A thousand scenes a step: divide 1,000,000 by the milliseconds for scenes a second. The aim is 2,000 at 64 px on one core.</summary>
    public static IEnumerable<Table> Scenes(BenchmarkOptions options)
    {
        var count = options.Quick ? 100 : 1000;
        yield return Table.Measure(
            $"{count} Scenes, one thread",
            2,
            options.Rounds,
            ((int[])[64, 32, 224]).Select(size => new Arm($"{size} px", () => Draw(size, count))).ToList()
        );
    }

    /// <summary>Batches of 64 freshly drawn, augmented scenes through the small network: drawn in between, or meanwhile.</summary>
    public static IEnumerable<Table> Loader(BenchmarkOptions options)
    {
        var scenes = Datasets.Scenes(options.Quick ? 128 : 640, 1).Open(Split.Train);
        var augment = Augment.None.PadCrop(2).Flip().RandAugment(2, 9);
        var loader = new ImageLoader(scenes, augment, 64, 64, Normalization.Scenes);
        using var network = MobileOne.Mini().Build();
        yield return Table.Measure(
            $"{scenes.Count / 64} training steps on drawn scenes, 64 px, batch 64",
            1,
            options.Rounds,
            new Arm("no prefetching", () => Train(network, loader with { Workers = 0 })),
            new Arm($"{loader.Workers} workers", () => Train(network, loader))
        );
    }

    private static Cost Draw(int size, int count) =>
        Cost.Of(() =>
        {
            var rgb = new byte[3 * size * size];
            for (var i = 0; i < count; i++)
                ScenePainter.Shared.Paint(Scene.At(0, i), size, rgb);
        });

    private static Cost Train(nn.Module<Tensor, Tensor> network, ImageLoader loader) =>
        Cost.Of(() =>
        {
            foreach (var batch in loader.Epoch(0))
            {
                using var scope = NewDisposeScope();
                nn.functional.cross_entropy(network.call(batch.Images), batch.Labels).backward();
                network.zero_grad();
                batch.Dispose();
            }
        });
}
