using Recipes.Display;

namespace Recipes.Models;

/// <summary>What images are, as captions say it.</summary>
/// <param name="Images">Their names.</param>
/// <param name="Classes">The classes or captions.</param>
/// <param name="Probabilities">For each image the probability of each class; a row sums to 1.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record ZeroShotResult(
    IReadOnlyList<string> Images,
    IReadOnlyList<string> Classes,
    IReadOnlyList<IReadOnlyList<double>> Probabilities
) : IDisplay
{
    private const int MostShown = 5;

    /// <summary>The likeliest classes of an image, the likeliest first.</summary>
    /// <param name="image">Its place, from 0.</param>
    /// <param name="count">At most so many.</param>
    public IReadOnlyList<(string Class, double Probability)> Top(int image, int count = MostShown) =>
        [.. Classes.Zip(Probabilities[image]).OrderByDescending(c => c.Second).Take(count).Select(c => (c.First, c.Second))];

    /// <summary>The five likeliest classes of each image; of one image also as bars.</summary>
    public string ToHtml() => Show().ToHtml();

    /// <summary>The same as text.</summary>
    public override string ToString() => Show().ToString();

    private Blocks Show()
    {
        var rows = Enumerable
            .Range(0, Images.Count)
            .SelectMany(i =>
                Top(i).Select((c, rank) => new object?[] { rank == 0 ? Path.GetFileName(Images[i]) : "", c.Class, 100 * c.Probability })
            );
        var table = Table
            .With(Column.Text("Image"), Column.Text("Class"), Column.Number("Probability", "%", "0.0"))
            .Rows(rows)
            .Caption($"The likeliest of {Classes.Count} classes");
        if (Images.Count != 1)
            return new Blocks(table);
        var top = Top(0);
        var bars = Charts.Bars(
            Path.GetFileName(Images[0]),
            "probability (%)",
            top.Select(c => c.Class),
            [Series.Bars("probability", top.Select(c => 100 * c.Probability))]
        );
        return new Blocks(table, bars);
    }
}
