using Recipes.Display;
using Recipes.Reproductions;

namespace Recipes.Reports;

/// <summary>What a report shows of networks before and after folding.</summary>
public static class FoldFigures
{
    /// <summary>Cost and latency of each variant, train-time and folded, as a table and as bars.</summary>
    /// <param name="rows">One for each variant.</param>
    /// <param name="resolution">At which they were measured, in pixels.</param>
    public static IReadOnlyList<IDisplay> Of(IReadOnlyList<FoldRow> rows, int resolution)
    {
        var table = Table
            .From(
                rows,
                (Column.Text("variant"), r => r.Name),
                (Column.Number("blocks", "", "0"), r => r.Evidence.BlocksFolded),
                (Column.Number("parameters", "M", "0.00"), r => r.Evidence.Before.Parameters / 1e6),
                (Column.Number("folded", "M", "0.00"), r => r.Evidence.After.Parameters / 1e6),
                (Column.Number("MACs", "M", "0"), r => r.Evidence.Before.Macs / 1e6),
                (Column.Number("folded", "M", "0"), r => r.Evidence.After.Macs / 1e6),
                (Column.Number("activations", "M", "0.0"), r => r.Evidence.Before.Activations / 1e6),
                (Column.Number("folded", "M", "0.0"), r => r.Evidence.After.Activations / 1e6),
                (Column.Number("latency", "ms", "0.0"), r => r.Train.Median),
                (Column.Number("folded", "ms", "0.0"), r => r.Folded.Median),
                (Column.Number("faster", "x", "0.0"), r => r.Speedup),
                (Column.Number("difference", "relative", "0.0e+0"), r => r.Evidence.RelativeDifference)
            )
            .Caption($"One image of {resolution} px; latency is the median of passes in turn, train-time then folded.");
        var names = rows.Select(r => r.Name).ToList();
        return
        [
            table,
            Charts.Bars(
                "Latency, train-time against folded",
                "milliseconds",
                names,
                [Series.Bars("train-time", rows.Select(r => r.Train.Median)), Series.Bars("folded", rows.Select(r => r.Folded.Median))]
            ),
        ];
    }
}
