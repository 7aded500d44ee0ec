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
            report = report.Section(section.Heading, [new Prose(section.Prose), .. section.Show(results)]);
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

    /// <summary>The arms as a table, and their curves over training, mean and spread over seeds.</summary>
    public static IEnumerable<Block> Training(Results results)
    {
        var arms = results.Arms.Select(name => results[name]).ToList();
        yield return results.Trainings();
        foreach (var group in arms.GroupBy(a => (string)a.Runs[0].Recipe["data"]!["source"]!["source"]!))
        {
            yield return Charts.Curves(
                $"Training loss, {group.Key}",
                "epoch",
                "training loss (nats)",
                group.Select(a => a.Curve(p => p.TrainLoss))
            );
            yield return Charts.Curves($"Test accuracy, {group.Key}", "epoch", "top-1 (%)", group.Select(a => a.Curve(p => p.Top1)));
        }
    }

    private static Table Settings(Reproduction reproduction, Results results) =>
        Table.From(
            reproduction.AllSettings,
            (Column.Text("setting"), s => s.Name),
            (Column.Text("value"), s => results.Settings.Values[s.Name]),
            (Column.Text("what it is"), s => s.About)
        );
}
