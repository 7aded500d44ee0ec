using System.Globalization;
using Recipes.Display;
using Recipes.Reproductions;

namespace Recipes.Reports;

/// <summary>What a report shows of encoders that were pretrained in several ways and fine-tuned for dense tasks.</summary>
public static class DenseFigures
{
    /// <summary>A measure of arms as bars in groups, for example by what an encoder was pretrained on; arms that did not run are left out.</summary>
    /// <param name="results">A run.</param>
    /// <param name="title">What is to be seen.</param>
    /// <param name="measure">Such as <c>miou</c>.</param>
    /// <param name="label">Its name with the unit.</param>
    /// <param name="groups">The groups, left to right.</param>
    /// <param name="series">Series, and the arm of each for a group; null where there is none.</param>
    public static IReadOnlyList<IDisplay> Bars(
        Results results,
        string title,
        string measure,
        string label,
        IReadOnlyList<string> groups,
        IReadOnlyList<(string Name, Func<string, string?> Arm)> series
    )
    {
        var shown = groups.Where(g => series.Any(s => Ran(results, s.Arm(g), measure) is not null)).ToList();
        return shown.Count == 0
            ? []
            :
            [
                Charts.Bars(
                    title,
                    label,
                    shown,
                    series.Select(s => Series.Bars(s.Name, shown.Select(g => Ran(results, s.Arm(g), measure)?[measure].Mean ?? double.NaN)))
                ),
            ];
    }

    /// <summary>A measure against the share of labelled pictures, one curve for each pretraining, with the range over seeds.</summary>
    /// <param name="results">A run.</param>
    /// <param name="title">What is to be seen.</param>
    /// <param name="measure">Such as <c>miou</c>.</param>
    /// <param name="label">Its name with the unit.</param>
    /// <param name="shares">Shares of the labels in percent, rising.</param>
    /// <param name="series">Series, and the arm of each for a share.</param>
    public static IReadOnlyList<IDisplay> Shares(
        Results results,
        string title,
        string measure,
        string label,
        IReadOnlyList<double> shares,
        IReadOnlyList<(string Name, Func<double, string> Arm)> series
    )
    {
        var curves = series.Where(s => shares.All(x => Ran(results, s.Arm(x), measure) is not null)).ToList();
        return curves.Count == 0
            ? []
            :
            [
                Charts.Curves(
                    title,
                    "labelled pictures (%)",
                    label,
                    curves.Select(s =>
                        Series.OverSeeds(
                            s.Name,
                            shares,
                            Enumerable.Range(0, results.Seeds.Count).Select(i => shares.Select(x => results[s.Arm(x)].Runs[i][measure]))
                        )
                    ),
                    logX: true
                ),
            ];
    }

    /// <summary>Each arm's measure over seeds, and what its encoder's pretraining took.</summary>
    /// <param name="results">A run.</param>
    /// <param name="arms">The arms; those that did not run are left out.</param>
    /// <param name="measure">Such as <c>miou</c>.</param>
    /// <param name="column">The measure's name and unit.</param>
    public static IReadOnlyList<IDisplay> Arms(Results results, IReadOnlyList<string> arms, string measure, Column column)
    {
        var ran = arms.Select(a => Ran(results, a, measure)).OfType<ArmResults>().ToList();
        return ran.Count == 0
            ? []
            :
            [
                Table
                    .From(
                        ran,
                        (Column.Text("arm"), a => a.Arm),
                        (column, a => a[measure].Mean),
                        (
                            Column.Text("by seed"),
                            a => string.Join("  ", a[measure].Values.Select(v => v.ToString("0.00", CultureInfo.InvariantCulture)))
                        ),
                        (Column.Number("pretraining's own test", "%", "0.0"), a => a.Has("pretrain_top1") ? a["pretrain_top1"].Mean : null),
                        (Column.Number("pretraining", "images", "#,0"), a => a["pretrain_samples"].Mean),
                        (Column.Number("took", "s", "0"), a => a["pretrain_seconds"].Mean),
                        (Column.Number("fine-tuning", "s", "0.0"), a => a["seconds"].Mean),
                        (Column.Number("encoder", "parameters", "#,0"), a => a["encoder_parameters"].Mean)
                    )
                    .Caption(
                        "Means over seeds. The pretraining's own test: accuracy of shapes where labels taught, zero-shot accuracy of colours and shapes where captions did."
                    ),
            ];
    }

    /// <summary>What encoders cost under a head.</summary>
    public static Table Costs(IReadOnlyList<DenseCost> costs) =>
        Table
            .From(
                costs,
                (Column.Text("Encoder"), c => c.Encoder),
                (Column.Number("Encoder", "parameters", "#,0"), c => c.EncoderParameters),
                (Column.Text("Head"), c => c.Head),
                (Column.Number("All", "parameters", "#,0"), c => c.Parameters),
                (Column.Number("A picture", "GMACs", "0.0"), c => c.Macs / 1e9),
                (Column.Text("Strides of the maps"), c => string.Join(", ", c.Strides)),
                (Column.Number("Folding moves by", "", "0.0e0"), c => c.Difference)
            )
            .Caption("Folded, random weights. The encoders' own heads are counted and not used.");

    private static ArmResults? Ran(Results results, string? arm, string measure) =>
        arm is not null && results.Arms.Contains(arm) && results[arm].Has(measure) ? results[arm] : null;
}
