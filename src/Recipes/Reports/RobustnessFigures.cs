using Recipes.Data;
using Recipes.Display;
using Recipes.Reproductions;

namespace Recipes.Reports;

/// <summary>What a report shows of accuracy on corrupted pictures.</summary>
public static class RobustnessFigures
{
    /// <summary>Accuracy by corruption and severity, arm beside baseline, and the mean corruption errors.</summary>
    /// <param name="results">A run.</param>
    /// <param name="arm">The arm whose robustness is in question.</param>
    /// <param name="baseline">What it is compared with.</param>
    /// <returns>Nothing when one of them did not run.</returns>
    public static IReadOnlyList<IDisplay> Of(Results results, string arm, string baseline)
    {
        if (!results.Arms.Contains(arm) || !results.Arms.Contains(baseline))
            return [];
        ArmResults[] both = [results[arm], results[baseline]];
        return
        [
            Charts.Curves(
                "Accuracy as pictures get worse, mean over corruptions",
                "severity",
                "top-1 (%)",
                both.Select(a => Series.OverSeeds(a.Arm, Severities.Prepend(0).Select(s => (double)s), a.Runs.Select(MeanBySeverity)))
            ),
            Charts.Bars(
                "Accuracy by corruption, mean over severities",
                "top-1 (%)",
                Corruption.Kinds.Select(CorruptionNames.Of),
                both.Select(a => Series.Bars(a.Arm, Corruption.Kinds.Select(k => Corruption.Of(k).Average(c => a.Top1(c).Mean))))
            ),
            Table
                .With([
                    Column.Text("corruption"),
                    Column.Text("arm"),
                    Column.Number("clean", "%", "0.0"),
                    .. Severities.Select(s => Column.Number($"severity {s}", "%", "0.0")),
                ])
                .Rows(
                    Corruption.Kinds.SelectMany(kind =>
                        both.Select(a =>
                            (object?[])
                                [CorruptionNames.Of(kind), a.Arm, a.Top1.Mean, .. Corruption.Of(kind).Select(c => (object?)a.Top1(c).Mean)]
                        )
                    )
                )
                .Caption("Top-1 on corrupted test pictures, means over seeds."),
            Table
                .With(Column.Text("error against the baseline"), Column.Number("mean", "%", "0.0"), Column.Text("over seeds"))
                .Rows([Row("mCE", CorruptionErrors.Mean), Row("relative mCE", CorruptionErrors.Relative)])
                .Caption($"Below 100, {arm} is more robust than {baseline}; relative: in how much errors grow."),
        ];

        object?[] Row(string name, Func<ArmResults, ArmResults, Spread> measure)
        {
            try
            {
                var spread = measure(both[0], both[1]);
                return [name, spread.Mean, spread.ToString()];
            }
            catch (NotAttemptedException e)
            {
                return [name, null, e.Message];
            }
        }
    }

    private static IEnumerable<int> Severities => Enumerable.Range(1, Corruption.Severities);

    private static IEnumerable<double> MeanBySeverity(ArmResult run) =>
        Severities
            .Select(s => Corruption.Kinds.Average(kind => run[CorruptionErrors.Number(new Corruption(kind, s))]))
            .Prepend(run["top1"]);
}
