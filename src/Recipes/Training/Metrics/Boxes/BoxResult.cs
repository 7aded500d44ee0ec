using Recipes.Display;

namespace Recipes.Training;

/// <summary>The average precision of one category.</summary>
/// <param name="Category">Its number.</param>
/// <param name="ApByIou">At IoU 0.5, 0.55 … 0.95; empty where the category has no truth that counts.</param>
public sealed record BoxCategory(int Category, IReadOnlyList<double> ApByIou)
{
    /// <summary>The mean over IoU; NaN where there is no truth.</summary>
    public double Ap => ApByIou.DefaultIfEmpty(double.NaN).Average();
}

/// <summary>COCO's twelve numbers, 0 to 1; NaN (−1 in COCO) where no truth of that size counts.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record BoxResult : IDisplay
{
    /// <summary>Mean over categories and IoU 0.5 to 0.95.</summary>
    public required double Ap { get; init; }

    /// <summary>At IoU 0.5.</summary>
    public required double Ap50 { get; init; }

    /// <summary>At IoU 0.75.</summary>
    public required double Ap75 { get; init; }

    /// <summary>Of objects up to 32² pixels.</summary>
    public required double ApSmall { get; init; }

    /// <summary>Of objects of 32² to 96² pixels.</summary>
    public required double ApMedium { get; init; }

    /// <summary>Of objects from 96² pixels.</summary>
    public required double ApLarge { get; init; }

    /// <summary>Recall, mean over categories and IoU, with one guess for an image.</summary>
    public required double Ar1 { get; init; }

    /// <summary>With ten guesses.</summary>
    public required double Ar10 { get; init; }

    /// <summary>With a hundred guesses.</summary>
    public required double Ar100 { get; init; }

    /// <summary>Of objects up to 32² pixels.</summary>
    public required double ArSmall { get; init; }

    /// <summary>Of objects of 32² to 96² pixels.</summary>
    public required double ArMedium { get; init; }

    /// <summary>Of objects from 96² pixels.</summary>
    public required double ArLarge { get; init; }

    /// <summary>Each category.</summary>
    public required IReadOnlyList<BoxCategory> ByCategory { get; init; }

    /// <summary>Precision and recall by size.</summary>
    public string ToHtml() => Show().ToHtml();

    /// <summary>The same as text.</summary>
    public override string ToString() => Show().ToString();

    private Table Show() =>
        Table
            .With(
                Column.Text("Boxes"),
                Column.Number("All", "%", "0.0"),
                Column.Number("Small", "%", "0.0"),
                Column.Number("Medium", "%", "0.0"),
                Column.Number("Large", "%", "0.0")
            )
            .Row("AP", Percent(Ap), Percent(ApSmall), Percent(ApMedium), Percent(ApLarge))
            .Row("AP, IoU 0.5", Percent(Ap50), null, null, null)
            .Row("AP, IoU 0.75", Percent(Ap75), null, null, null)
            .Row("AR", Percent(Ar100), Percent(ArSmall), Percent(ArMedium), Percent(ArLarge));

    private static object? Percent(double share) => double.IsNaN(share) ? null : 100 * share;
}
