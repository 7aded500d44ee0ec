using Recipes.Display;

namespace Recipes.Training;

/// <summary>Retrieval both ways (recall as CLIP_benchmark and open_clip report it).</summary>
/// <param name="ImageToText">An image finds one of its own captions.</param>
/// <param name="TextToImage">A caption finds its image.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record RetrievalResult(RankStatistics ImageToText, RankStatistics TextToImage) : IDisplay
{
    /// <summary>Mean of recall@1 both ways, 0 to 1.</summary>
    public double Recall1 => (ImageToText.Recall(1) + TextToImage.Recall(1)) / 2;

    /// <summary>Recall@1, 5 and 10 and the ranks.</summary>
    public string ToHtml() => Show().ToHtml();

    /// <summary>The same as text.</summary>
    public override string ToString() => Show().ToString();

    private Table Show() =>
        Table
            .From(
                new[] { ("image to text", ImageToText), ("text to image", TextToImage) },
                (Column.Text("Retrieval"), r => r.Item1),
                (Column.Number("R@1", "%", "0.0"), r => 100 * r.Item2.Recall(1)),
                (Column.Number("R@5", "%", "0.0"), r => 100 * r.Item2.Recall(5)),
                (Column.Number("R@10", "%", "0.0"), r => 100 * r.Item2.Recall(10)),
                (Column.Number("Mean rank"), r => r.Item2.Mean),
                (Column.Number("Median rank"), r => r.Item2.Median),
                (Column.Number("Candidates"), r => r.Item2.Candidates)
            )
            .Caption($"{ImageToText.Ranks.Count} images, {TextToImage.Ranks.Count} captions");
}
