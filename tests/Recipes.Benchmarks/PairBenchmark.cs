using System.Globalization;
using Recipes.Data;
using Recipes.Models;
using Recipes.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Benchmarks;

/// <summary>
/// Gradient caching (arXiv 2101.06983): memory and time of one step of contrastive training by batch, whole and in parts. With parts, memory beyond the batch's own
/// images and its square of products must not grow with the batch.
/// </summary>
internal static class PairBenchmark
{
    private const int Part = 128;

    public static IEnumerable<Table> Run(BenchmarkOptions options)
    {
        int[] batches = options.Quick ? [256, 512] : [256, 1024, 4096];
        var cases = batches.Select(b => (Batch: b, Part: (int?)Part)).Concat(batches.Take(2).Select(b => (Batch: b, Part: (int?)null)));
        foreach (var (batch, part) in cases)
        {
            var (memory, cost) = Measure(batch, part);
            var own = 4L * batch * (3 * 32 * 32 + 4L * batch);
            var title = string.Create(
                CultureInfo.InvariantCulture,
                $"batch {batch}, {(part is null ? "whole" : $"parts of {part}")}: {memory / 1e6:F0} MB beyond the network, of which images and products {own / 1e6:F0} MB"
            );
            yield return new Table(title, [new Row("one step", cost.Wall, cost.Processor, cost.Wall, 0, 1, 1)]);
        }
    }

    private static (long Memory, Cost Cost) Measure(int batch, int? part)
    {
        using var scope = NewDisposeScope();
        using var network = Spec.Build();
        var tokens = randint(1, Spec.Vocabulary - 1, [batch, 1, Spec.Context], dtype: ScalarType.Int64);
        tokens[.., .., 8] = Spec.Vocabulary - 1; // the end
        var source = new TensorSource("noise", randn(batch, 3, 32, 32), tokens, 0, batch);
        var plan = new TrainPlan { Epochs = 1, Optimizer = Optim.Sgd(1e-3) };
        var options = new TrainOptions { Objective = new Contrastive { Part = part } };
        Trainer.Train(network, plan, source, null, options).Dispose();
        ProcessMemory.Trim();
        ProcessMemory.ForgetPeak();
        var before = ProcessMemory.Resident();
        var cost = Cost.Of(() => Trainer.Train(network, plan, source, null, options).Dispose());
        return (ProcessMemory.Peak() - before, cost);
    }

    private static TwoTowersSpec Spec { get; } =
        TwoTowers.Of(
            "two_towers",
            new PlainVitSpec
            {
                Name = "vit",
                ImageSize = 32,
                Patch = 4,
                Width = 128,
                Layers = 4,
                Heads = 4,
                Classes = 128,
            },
            new TextEncoderSpec
            {
                Width = 128,
                Layers = 2,
                Context = 32,
                Vocabulary = ClipTokenizer.Scenes.Vocabulary,
            }
        );
}
