using System.Globalization;
using System.Text;
using Recipes.Display;

namespace Recipes.Reproductions.Parity;

/// <summary>One comparison of a golden file: what was compared and how far off it is, in units of its tolerance.</summary>
/// <param name="Name">The output, checkpoint or state_dict entry.</param>
/// <param name="Aspect">What of it: values, shape, sum, order, params, macs …</param>
/// <param name="Worst">Largest difference over its tolerance; 0 equal, over 1 beyond. Infinite where equality is exact.</param>
/// <param name="Finding">What was expected and found, where it differs.</param>
public sealed record ParityCheck(string Name, string Aspect, double Worst, string Finding = "")
{
    /// <summary>Within tolerance.</summary>
    public bool Passed => Worst <= 1;

    /// <summary>An equality without tolerance.</summary>
    public static ParityCheck Equal<T>(string name, string aspect, T expected, T found) =>
        Equals(expected, found)
            ? new ParityCheck(name, aspect, 0)
            : new ParityCheck(name, aspect, double.PositiveInfinity, $"expected {expected}, found {found}");
}

/// <summary>All comparisons of one golden file, in the order in which the network computes.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record ParityReport(string File, IReadOnlyList<ParityCheck> Checks) : IDisplay
{
    /// <summary>Why the file was not compared; null when it was.</summary>
    public string? NotAttempted { get; init; }

    /// <summary>What of the file was not compared; null when it was all.</summary>
    public string? Left { get; init; }

    /// <summary>Compared, and everything within tolerance.</summary>
    public bool Passed => NotAttempted is null && Checks.Count > 0 && Checks.All(c => c.Passed);

    /// <summary>The first comparison beyond its tolerance, or null.</summary>
    public ParityCheck? FirstDifference => Checks.FirstOrDefault(c => !c.Passed);

    /// <summary>The largest difference over its tolerance.</summary>
    public double Worst => Checks.Count == 0 ? 0 : Checks.Max(c => c.Worst);

    /// <summary>The first line of the text, and the worst comparisons.</summary>
    public string ToHtml() =>
        Table
            .From(
                Checks.OrderByDescending(c => c.Worst).Take(20),
                (Column.Text("Compared"), c => c.Name),
                (Column.Text("Aspect"), c => c.Aspect),
                (Column.Number("Of tolerance"), c => new Cell(c.Worst, c.Passed ? Tone.None : Tone.Bad)),
                (Column.Text("Finding"), c => c.Finding)
            )
            .Caption(ToString().Split('\n')[0] + (Checks.Count > 20 ? "; the 20 worst:" : ""))
            .ToHtml();

    /// <summary>One line when it passes; what differs first, and how much else, when not.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        var name = Path.GetFileName(File);
        if (NotAttempted is not null)
            return $"{name}: not attempted: {NotAttempted}";
        text.Append(
            CultureInfo.InvariantCulture,
            $"{name}: {(Passed ? "passed" : "FAILED")}, {Checks.Count} comparisons, worst {Worst:G3} of tolerance"
        );
        if (Left is not null)
            text.Append(CultureInfo.InvariantCulture, $"; {Left}");
        if (FirstDifference is { } first)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"\n  first difference: {first.Name} ({first.Aspect}): {first.Finding}, {first.Worst:G3} of tolerance"
            );
            text.Append(CultureInfo.InvariantCulture, $"\n  beyond tolerance: {Checks.Count(c => !c.Passed)} of {Checks.Count}");
        }
        return text.ToString();
    }
}
