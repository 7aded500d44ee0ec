using System.Globalization;
using Recipes.Display;

namespace Recipes.Reproductions;

/// <summary>One quantity over several seeds.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record Spread(IReadOnlyList<double> Values) : IDisplay
{
    /// <summary>The mean.</summary>
    public double Mean => Values.Count == 0 ? double.NaN : Values.Average();

    /// <summary>The least value.</summary>
    public double Min => Values.Count == 0 ? double.NaN : Values.Min();

    /// <summary>The largest value.</summary>
    public double Max => Values.Count == 0 ? double.NaN : Values.Max();

    /// <summary>Mean, range and values in a table.</summary>
    public string ToHtml() =>
        Table
            .With(Column.Number("Mean"), Column.Number("Least"), Column.Number("Largest"), Column.Text("Values"))
            .Row(Mean, Min, Max, string.Join("  ", Values.Select(Numbers.Text)))
            .ToHtml();

    /// <summary>Mean and range.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Mean:G4} ({Min:G4} to {Max:G4}, {Values.Count} seeds)");

    /// <summary>The difference of means of two quantities measured with the same seeds, with the range of paired differences.</summary>
    public static Measured Difference(Spread left, Spread right)
    {
        var pairs = left.Values.Zip(right.Values, (a, b) => a - b).ToList();
        var note = string.Create(
            CultureInfo.InvariantCulture,
            $"{left.Mean:G4} against {right.Mean:G4}; by seed {string.Join(", ", pairs.Select(p => p.ToString("+0.###;-0.###;0", CultureInfo.InvariantCulture)))}"
        );
        return new Measured(left.Mean - right.Mean, note);
    }
}
