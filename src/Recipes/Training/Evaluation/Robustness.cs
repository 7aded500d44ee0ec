using Recipes.Data;
using Recipes.Display;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>Accuracy on test pictures after one corruption.</summary>
/// <param name="Corruption">What happened to the pictures.</param>
/// <param name="Top1">Share of pictures whose first guess is right, 0 to 1.</param>
public sealed record CorruptedTop1(Corruption Corruption, double Top1);

/// <summary>A classifier's accuracy on corrupted test pictures (ImageNet-C, arXiv 1903.12261), kind by kind and strength by strength.</summary>
/// <param name="Clean">Top-1 on the pictures as they are, 0 to 1.</param>
/// <param name="Corrupted">One row for each corruption.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record Robustness(double Clean, IReadOnlyList<CorruptedTop1> Corrupted) : IDisplay
{
    /// <summary>Measures a classifier; the same weights give the same numbers, and the module's mode is restored.</summary>
    /// <param name="network">Images <c>[B, 3, S, S]</c> to logits <c>[B, classes]</c>.</param>
    /// <param name="data">Whose test pictures, and at which size.</param>
    /// <param name="kinds">What happens to them, at all five severities; every kind when null.</param>
    /// <param name="opened">Sets that are open already.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="RecipesException">Pictures are missing or broken, or are of other classes.</exception>
    public static Robustness Measure(
        nn.Module<Tensor, Tensor> network,
        ImageData data,
        IEnumerable<CorruptionKind>? kinds = null,
        OpenedImages? opened = null,
        CancellationToken cancellation = default
    )
    {
        var test = (opened ?? new OpenedImages()).Open(data.Source, Split.Test);
        return new Robustness(
            Top1(test),
            [.. Corruption.Of(kinds ?? Corruption.Kinds).Select(c => new CorruptedTop1(c, Top1(new CorruptedImages(test, c))))]
        );

        double Top1(IImageSet set)
        {
            var loader = ImageLoader.ForEvaluation(set, Math.Max(data.BatchSize, 256), data.Size, data.Source.Normalization);
            return Evaluator.Evaluate(network, new ImageBatches(loader with { ChannelsLast = true }), cancellation: cancellation).Top1;
        }
    }

    /// <summary>A row for each kind, a column for each severity.</summary>
    public string ToHtml() => Show().ToHtml();

    /// <summary>The same as text.</summary>
    public override string ToString() => Show().ToString();

    private Table Show()
    {
        var severities = Corrupted.Select(row => row.Corruption.Severity).Distinct().Order().ToList();
        return Table
            .With([Column.Text("Corruption"), .. severities.Select(s => Column.Number($"severity {s}", "%", "0.0"))])
            .Rows(
                Corrupted
                    .GroupBy(row => row.Corruption.Kind)
                    .Select(kind =>
                        (object?[])
                            [
                                CorruptionNames.Of(kind.Key),
                                .. severities.Select(s => (object?)(100 * kind.FirstOrDefault(row => row.Corruption.Severity == s)?.Top1)),
                            ]
                    )
            )
            .Caption($"Top-1; {Numbers.Text(100 * Clean)} % on the pictures as they are.");
    }
}
