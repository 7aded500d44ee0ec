using System.Globalization;
using Recipes.Display;
using Recipes.Reproductions;

namespace Recipes.Reports;

/// <summary>What FastViT's report shows of its measurements.</summary>
public static class FastVitFigures
{
    /// <summary>Parameters and MACs of paper, code and this library; and ours without <c>conv_exp</c>, to which the paper's are nearer.</summary>
    /// <param name="published">Paper and code.</param>
    /// <param name="rows">Ours, in the same order.</param>
    /// <param name="plain">Folded parameters without <c>conv_exp</c>, in the same order.</param>
    public static Table Costs(IReadOnlyList<PublishedCost> published, IReadOnlyList<FoldRow> rows, IReadOnlyList<long> plain) =>
        Table
            .From(
                published.Select((p, i) => (Paper: p, Ours: rows[i].Evidence, Plain: plain[i])),
                (Column.Text("variant"), r => r.Paper.Name),
                (Column.Number("parameters, paper", "M", "0.0"), r => r.Paper.PaperParameters),
                (Column.Number("code", "", "#,0"), r => r.Paper.Folded),
                (Column.Number("ours", "", "#,0"), r => r.Ours.After.Parameters),
                (Column.Number("ours without conv_exp", "M", "0.00"), r => r.Plain / 1e6),
                (Column.Number("MACs, paper", "G", "0.0"), r => r.Paper.PaperMacs),
                (Column.Number("ours", "G", "0.000"), r => r.Ours.After.Macs / 1e9)
            )
            .Caption(
                "Folded, 256 px. The released code widens the features before the head; the paper's count is nearer to one that does not."
            );

    /// <summary>Latency by resolution of networks that differ in their token mixer, as curves and as a table relative to the first.</summary>
    public static IReadOnlyList<IDisplay> Mixers(IReadOnlyList<MixerRow> rows, string title = "Latency of token mixers")
    {
        var names = rows.Select(r => r.Name).Distinct().ToList();
        var sides = rows.Select(r => r.Resolution).Distinct().ToList();
        double? Time(string name, int side) => rows.FirstOrDefault(r => r.Name == name && r.Resolution == side)?.Latency.Median;
        var table = Table
            .With([
                Column.Text("mixer"),
                .. sides.SelectMany(s =>
                    new[] { Column.Number($"{s} px", "ms"), Column.Number($"against {names[0]}", "%", "+0.0;-0.0;0") }
                ),
            ])
            .Rows(
                names.Select(name =>
                    (object?[])
                        [
                            name,
                            .. sides.SelectMany(s =>
                                new object?[] { Time(name, s), name == names[0] ? null : 100 * (Time(name, s) / Time(names[0], s) - 1) }
                            ),
                        ]
                )
            )
            .Caption("One image; medians of passes in turn at each resolution. Positive is slower.");
        var curves = names.Select(name =>
        {
            var own = rows.Where(r => r.Name == name).ToList();
            return Series.Curve(name, own.Select(r => (double)r.Resolution), own.Select(r => r.Latency.Median));
        });
        return [Charts.Curves(title, "resolution (px)", "latency (ms)", curves, logY: true), table];
    }

    /// <summary>What each choice is worth: accuracy and loss of arms against the first of them, seed by seed.</summary>
    /// <param name="results">A run.</param>
    /// <param name="arms">The arms; those that did not run are left out.</param>
    public static IReadOnlyList<IDisplay> Choices(Results results, IReadOnlyList<string> arms)
    {
        var ran = arms.Where(results.Arms.Contains).Select(name => results[name]).ToList();
        if (ran.Count == 0 || ran[0].Arm != arms[0])
            return [];
        return
        [
            Table
                .From(
                    ran,
                    (Column.Text("arm"), a => a.Arm),
                    (Column.Number("top-1", "%", "0.0"), a => a.Top1.Mean),
                    (Column.Number("against the first", "points", "+0.0;-0.0;0"), a => a == ran[0] ? null : a.Top1.Mean - ran[0].Top1.Mean),
                    (Column.Text("by seed"), a => a == ran[0] ? "" : Paired(a.Top1, ran[0].Top1)),
                    (Column.Number("train loss", "nats", "0.000"), a => a.TrainLoss.Mean)
                )
                .Caption("Means over seeds. Where the differences by seed have both signs, noise decides."),
        ];
    }

    private static string Paired(Spread left, Spread right) =>
        string.Join("  ", left.Values.Zip(right.Values, (a, b) => (a - b).ToString("+0.0;-0.0;0", CultureInfo.InvariantCulture)));
}
