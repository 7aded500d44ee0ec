using Recipes.Display;
using Recipes.Reproductions;

namespace Recipes.Reports;

/// <summary>What MobileOne's report shows of its measurements.</summary>
public static class MobileOneFigures
{
    /// <summary>Cost and latency of each variant, train-time and folded, as a table and as bars.</summary>
    public static IReadOnlyList<IDisplay> Folding(IReadOnlyList<FoldRow> rows) => FoldFigures.Of(rows, 224);

    /// <summary>Latency against arithmetic and parameters, and the paper's accuracy against latency.</summary>
    /// <param name="rows">One row for each variant.</param>
    /// <param name="published">The paper's short name, top-1 in percent and phone latency in ms of each variant, in the rows' order.</param>
    public static IReadOnlyList<IDisplay> Latency(
        IReadOnlyList<FoldRow> rows,
        IReadOnlyList<(string Name, double Top1, double Phone)> published
    )
    {
        var pairs = rows.Zip(published, (row, paper) => (row, paper)).ToList();
        return
        [
            Charts.Scatter(
                "Accuracy against latency",
                "latency (ms)",
                "top-1 on ImageNet, the paper's (%)",
                [
                    Series.Points("train-time, this CPU", pairs.Select(p => (p.paper.Name, p.row.Train.Median, p.paper.Top1))),
                    Series.Points("folded, this CPU", pairs.Select(p => (p.paper.Name, p.row.Folded.Median, p.paper.Top1))),
                    Series.Points("folded, the paper's phone", pairs.Select(p => (p.paper.Name, p.paper.Phone, p.paper.Top1))),
                ],
                logX: true
            ),
            Cost("Latency against multiply-accumulates", "multiply-accumulates (M)", pairs, p => p.Macs / 1e6),
            Cost("Latency against parameters", "parameters (M)", pairs, p => p.Parameters / 1e6),
        ];
    }

    private static ChartBlock Cost(
        string title,
        string label,
        List<(FoldRow row, (string Name, double Top1, double Phone) paper)> pairs,
        Func<Models.Profile, double> cost
    ) =>
        Charts.Scatter(
            title,
            label,
            "latency (ms)",
            [
                Series.Points("train-time", pairs.Select(p => (p.paper.Name, cost(p.row.Evidence.Before), p.row.Train.Median))),
                Series.Points("folded", pairs.Select(p => (p.paper.Name, cost(p.row.Evidence.After), p.row.Folded.Median))),
            ]
        );
}
