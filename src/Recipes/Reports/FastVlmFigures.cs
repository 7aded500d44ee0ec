using Recipes.Display;
using Recipes.Models;
using Recipes.Reproductions;

namespace Recipes.Reports;

/// <summary>What FastVLM's report shows of its measurements.</summary>
public static class FastVlmFigures
{
    /// <summary>Every ratio with the paper's, the arithmetic's and ours.</summary>
    public static Table Ratios(IEnumerable<CostRatio> ratios) =>
        Table
            .From(
                ratios,
                (Column.Text("dearer / cheaper"), r => r.What),
                (Column.Number("paper", "x", "0.0"), r => r.Paper),
                (Column.Number("multiply-accumulates", "x", "0.00"), r => r.Arithmetic),
                (Column.Number("measured", "x", "0.00"), r => r.Measured),
                (Column.Number("measured / arithmetic", "", "0.00"), r => r.Quotient),
                (Column.Text("follows"), r => r.Follows ? new Cell("yes", Tone.Good) : new Cell("no", Tone.Bad))
            )
            .Caption("Times of one run on this processor, side by side; the paper's on a laptop with a neural engine.");

    /// <summary>What models cost by arithmetic alone.</summary>
    public static Table Work(IEnumerable<FirstToken> works) =>
        Table
            .From(
                works,
                (Column.Text("model"), w => w.Name),
                (Column.Number("tokens", "", "#,0"), w => w.ImageTokens),
                (Column.Number("encoder", "GMACs", "#,0.0"), w => w.EncoderMacs / 1e9),
                (Column.Number("connector", "GMACs", "#,0.0"), w => w.ConnectorMacs / 1e9),
                (Column.Number("prefill", "GMACs", "#,0.0"), w => w.PrefillMacs / 1e9),
                (Column.Number("encoder's share", "%", "0"), w => 100.0 * w.EncoderMacs / w.Macs),
                (Column.Number("keys and values, 16 bits", "MiB", "0.0"), w => w.Language.CacheBytes(w.ImageTokens, 2) / 1048576.0)
            )
            .Caption("Multiply-accumulates of one image up to the first token.");

    /// <summary>Resolution behind a slider: where multiply-accumulates go, one bar for each language model.</summary>
    /// <param name="models">FastVLM's sizes.</param>
    /// <param name="resolutions">The steps.</param>
    public static SliderBlock Slider(IReadOnlyList<FastVlmSpec> models, IEnumerable<int> resolutions) =>
        new(
            "Where the arithmetic goes",
            "pixels a side:",
            resolutions.Select(r =>
            {
                var works = models.Select(m => FirstToken.FastVlm(m, r)).ToList();
                return (
                    $"{r}",
                    Charts.Bars(
                        $"{r} pixels a side",
                        "GMACs",
                        models.Select(m => m.Name),
                        [
                            Series.Bars("encoder", works.Select(w => w.EncoderMacs / 1e9)),
                            Series.Bars("connector", works.Select(w => w.ConnectorMacs / 1e9)),
                            Series.Bars("prefill", works.Select(w => w.PrefillMacs / 1e9)),
                        ],
                        stacked: true
                    )
                );
            })
        );

    /// <summary>Where the time goes, as stacked bars, one for each model with one image.</summary>
    /// <param name="title">What is to be seen.</param>
    /// <param name="times">The models; FastVLM's are named by their pixels a side.</param>
    public static ChartBlock Breakdown(string title, FirstTokenTimes times) =>
        Charts.Bars(
            title,
            "milliseconds",
            times.Whole.Select(t => t.Work.Tower.Spec is FastVitSpec ? $"{t.Work.Tower.Resolution} px" : t.Work.Name),
            [
                Series.Bars("encoder", times.Whole.Select(t => t.Encoder.Median)),
                Series.Bars("connector", times.Whole.Select(t => t.Connector.Median)),
                Series.Bars("prefill", times.Whole.Select(t => t.Prefill.Median)),
            ],
            stacked: true
        );

    /// <summary>Latency of encoders against resolution and against tokens, all axes logarithmic.</summary>
    public static IReadOnlyList<IDisplay> Encoders(TowerTimes times)
    {
        return [Chart("resolution", "pixels a side", t => t.Resolution), Chart("tokens", "tokens", t => t.Tokens), times];

        ChartBlock Chart(string by, string label, Func<VisionTower, double> x) =>
            Charts.Curves(
                $"Encoder latency by {by}",
                label,
                "milliseconds",
                times
                    .All.GroupBy(t => t.Tower.Name)
                    .Select(g => Series.Curve(g.Key, g.Select(t => x(t.Tower)), g.Select(t => t.Time.Median))),
                logY: true,
                logX: true
            );
    }

    /// <summary>Time to the first token against the image's pixels a side, one series for each language model.</summary>
    public static ChartBlock Pareto(params IEnumerable<FirstTokenTimes> times) =>
        Charts.Scatter(
            "What more pixels cost, by language model",
            "time to the first token (ms)",
            "pixels a side",
            times
                .SelectMany(t => t.Whole)
                .GroupBy(t => t.Work.Language.Name)
                .Select(g =>
                    Series.Points(g.Key, g.Select(t => ($"{t.Work.ImageTokens} tokens", t.Total, (double)t.Work.Tower.Resolution)))
                ),
            logX: true,
            logY: true
        );

    /// <summary>The paper's mean scores against our time and the paper's.</summary>
    /// <param name="points">A name, our milliseconds, the paper's, and the paper's mean score.</param>
    public static ChartBlock Scores(IReadOnlyList<(string Name, double Here, double Paper, double Score)> points) =>
        Charts.Scatter(
            "The paper's scores against the time to the first token",
            "time to the first token (ms)",
            "mean of eight scores, the paper's (%)",
            [
                Series.Points("this processor", points.Select(p => (p.Name, p.Here, p.Score))),
                Series.Points("the paper's laptop", points.Select(p => (p.Name, p.Paper, p.Score))),
            ],
            logX: true
        );

    /// <summary>One large image against 2x2 tiles and an overview, at equal pixels.</summary>
    public static ChartBlock Tiling(FirstTokenTimes times) =>
        Charts.Curves(
            "Static resolution against tiles",
            "pixels a side",
            "time to the first token (ms)",
            [
                Series.Curve("one image", times.Whole.Select(t => (double)t.Work.Tower.Resolution), times.Whole.Select(t => t.Total)),
                Series.Curve(
                    "2x2 tiles and overview",
                    times.Tiled.Select(t => 2.0 * t.Work.Tower.Resolution),
                    times.Tiled.Select(t => t.Total)
                ),
            ],
            logY: true,
            logX: true
        );
}
