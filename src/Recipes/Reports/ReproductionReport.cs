using System.Globalization;
using Recipes.Data;
using Recipes.Display;
using Recipes.Reproductions;

namespace Recipes.Reports;

/// <summary>The report of a reproduction's run.</summary>
public static class ReproductionReport
{
    /// <summary>Writes <c>report.html</c> into the run's folder.</summary>
    /// <exception cref="RecipesException">The place cannot be written.</exception>
    public static void Write(RunOutcome run) => Of(run).Write(run.Folder.Report);

    /// <summary>Claims, training, the reproduction's own sections, sample predictions, and the settings.</summary>
    public static HtmlReport Of(RunOutcome run)
    {
        var (reproduction, results) = (run.Reproduction, run.Results);
        var report = new HtmlReport(
            reproduction.Paper.Title,
            $"{reproduction.Paper.Reference}, reproduced at {results.Settings.Scale.ToString().ToLowerInvariant()} scale"
        )
            .Facts(Facts(run))
            .Section(
                "Claims",
                new Prose("Each claim of the paper with its value and ours. Ours are measured in this run."),
                ClaimsTable.From(run.Claims)
            );
        if (results.Arms.Count > 0)
            report = report.Section("Training", [.. Training(results)]);
        foreach (var section in reproduction.Sections)
            report = report.Section(section.Heading, [new Prose(section.Prose), .. section.Show(results).Cast<Block>()]);
        if (results.Arms.Count > 0 && SamplePictures.Of(results) is { } pictures)
            report = report.Section("Sample predictions", pictures);
        return report.Section("Settings", Settings(reproduction, results));
    }

    private static IEnumerable<(string, string)> Facts(RunOutcome run)
    {
        yield return ("scale", run.Results.Settings.Scale.ToString().ToLowerInvariant());
        yield return ("seeds", string.Join(", ", run.Results.Seeds));
        yield return ("device", run.Facts.Device);
        yield return ("duration", Numbers.Duration(TimeSpan.FromSeconds(run.Facts.Seconds)));
        foreach (var line in MachineFacts.Current().Lines())
            yield return line;
    }

    private static IEnumerable<Block> Training(Results results)
    {
        var arms = results.Arms.Select(name => results[name]).ToList();
        yield return Table
            .From(
                arms,
                (Column.Text("arm"), a => a.Arm),
                (Column.Number("top-1", "%", "0.0"), a => a.Top1.Mean),
                (Column.Text("over seeds"), a => string.Create(CultureInfo.InvariantCulture, $"{a.Top1.Min:0.0} – {a.Top1.Max:0.0}")),
                (
                    Column.Number("folded top-1", "%", "0.0"),
                    a => a.Runs[0].Numbers.ContainsKey("folded_top1") ? a["folded_top1"].Mean : null
                ),
                (Column.Number("train loss", "", "0.000"), a => a.TrainLoss.Mean),
                (Column.Number("speed", "images/s", "0"), a => a["images_per_second"].Mean),
                (Column.Number("time", "s", "0.0"), a => a["seconds"].Mean),
                (Column.Number("live tensors", "+", "0"), a => a["live_tensors_growth"].Max)
            )
            .Caption(
                "Means over seeds. Accuracy is that of the averaged weights. Live tensors: growth between the second and the last step."
            );
        foreach (var group in arms.GroupBy(a => (string)a.Runs[0].Recipe["data"]!["source"]!["source"]!))
        {
            yield return Charts.Curves(
                $"Training loss, {group.Key}",
                "epoch",
                "training loss (nats)",
                group.Select(a => Curve(a, p => p.TrainLoss))
            );
            yield return Charts.Curves($"Test accuracy, {group.Key}", "epoch", "top-1 (%)", group.Select(a => Curve(a, p => p.Top1)));
        }
    }

    private static Series Curve(ArmResults arm, Func<CurvePoint, double> value) =>
        Series.OverSeeds(arm.Arm, arm.Runs[0].Curve.Select(p => p.Epoch), arm.Runs.Select(r => r.Curve.Select(value)));

    private static Table Settings(Reproduction reproduction, Results results) =>
        Table.From(
            reproduction.AllSettings,
            (Column.Text("setting"), s => s.Name),
            (Column.Text("value"), s => results.Settings.Values[s.Name]),
            (Column.Text("what it is"), s => s.About)
        );
}
