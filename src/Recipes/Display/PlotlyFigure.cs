using DynamicObj;
using Newtonsoft.Json;
using Plotly.NET;
using Plotly.NET.LayoutObjects;
using Plotly.NET.TraceObjects;

namespace Recipes.Display;

// From a plot to a Plotly.NET chart. Plotly.NET's typed style functions take some forty F# options each, which cannot
// be left out from C#; its objects are DynamicObj, so properties go by their plotly.js names.
internal static class PlotlyFigure
{
    public static GenericChart From(Plot plot) =>
        GenericChart.setConfig(ChartConfig(), GenericChart.setLayout(ChartLayout(plot), GenericChart.ofTraceObjects(false, Traces(plot))));

    /// <summary>Data, layout and config, safe inside a script element.</summary>
    public static string Json(GenericChart chart) =>
        Escape.Json(
            JsonConvert.SerializeObject(
                new
                {
                    data = GenericChart.getTraces(chart),
                    layout = GenericChart.getLayout(chart),
                    config = GenericChart.getConfig(chart),
                },
                Globals.JSON_CONFIG
            )
        );

    private static Microsoft.FSharp.Collections.FSharpList<Trace> Traces(Plot plot)
    {
        var traces = plot.Series.SelectMany(
            (series, i) =>
                plot.Kind switch
                {
                    PlotKind.Curves => Curve(series, i),
                    PlotKind.Points => [Points(series, i)],
                    _ => [Bars(plot, series, i)],
                }
        );
        return Microsoft.FSharp.Collections.ListModule.OfSeq(traces);
    }

    private static IEnumerable<Trace> Curve(Series s, int i)
    {
        if (s.HasSpread)
        {
            // One closed outline, there along the highs and back along the lows.
            yield return With(
                new Trace("scatter"),
                ("x", s.X.Concat(s.X.Reverse())),
                ("y", s.High.Concat(s.Low.Reverse())),
                ("mode", "lines"),
                ("fill", "toself"),
                ("fillcolor", Palette.Soft(i)),
                ("line", With(new Line(), ("width", 0))),
                ("legendgroup", $"{i}"),
                ("showlegend", false),
                ("hoverinfo", "skip")
            );
        }
        var line = With(new Line(), ("color", Palette.Series(i)), ("width", 2.5), ("dash", Palette.Dashes[i % Palette.Dashes.Length]));
        yield return With(
            new Trace("scatter"),
            ("name", Escape.Plotly(s.Name)),
            ("x", s.X),
            ("y", s.Y),
            ("mode", s.X.Count == 1 ? "markers" : "lines"),
            ("line", line),
            ("legendgroup", $"{i}"),
            ("customdata", s.X.Select((_, k) => s.SpreadText(k) is { Length: > 0 } text ? $"  ({text})" : "")),
            ("hovertemplate", "%{fullData.name}: <b>%{y:.4~g}</b>%{customdata}<extra></extra>")
        );
    }

    private static Trace Points(Series s, int i)
    {
        var marker = With(
            new Marker(),
            ("color", Palette.Series(i)),
            ("size", 11),
            ("symbol", Palette.Symbols[i % Palette.Symbols.Length]),
            ("line", With(new Line(), ("color", Palette.Paper), ("width", 1.5)))
        );
        var trace = With(
            new Trace("scatter"),
            ("name", Escape.Plotly(s.Name)),
            ("x", s.X),
            ("y", s.Y),
            ("mode", s.Labels.Count > 0 ? "markers+text" : "markers"),
            ("text", s.Labels.Select(Escape.Plotly)),
            (
                "textposition",
                s.HasSpread ? "middle right"
                : i % 2 == 0 ? "top center"
                : "bottom center"
            ),
            ("textfont", With(new Font(), ("size", 11), ("color", Palette.Muted))),
            ("marker", marker),
            ("cliponaxis", false),
            (
                "hovertemplate",
                "<b>%{text}</b>  %{fullData.name}<br>%{xaxis.title.text}: %{x:.4~g}<br>%{yaxis.title.text}: %{y:.4~g}<extra></extra>"
            )
        );
        if (s.HasSpread)
        {
            trace.SetProperty(
                "error_y",
                With(
                    new Error(),
                    ("type", "data"),
                    ("symmetric", false),
                    ("array", s.High.Zip(s.Y, (high, y) => high - y)),
                    ("arrayminus", s.Y.Zip(s.Low, (y, low) => y - low)),
                    ("color", Palette.Series(i)),
                    ("thickness", 1.5),
                    ("width", 4)
                )
            );
        }
        return trace;
    }

    private static Trace Bars(Plot plot, Series s, int i) =>
        With(
            new Trace("bar"),
            ("name", Escape.Plotly(s.Name)),
            ("x", plot.Categories.Select(Escape.Plotly)),
            ("y", s.Y),
            ("text", s.Y.Select((y, k) => Sum(plot, i, k) is { } sum ? Numbers.Short(sum) : "")),
            ("textposition", "outside"),
            ("cliponaxis", false),
            ("textfont", With(new Font(), ("size", 11), ("color", Palette.Muted))),
            ("marker", With(new Marker(), ("color", Palette.Series(i)))),
            ("hovertemplate", "%{fullData.name}: <b>%{y:.4~g}</b><extra></extra>")
        );

    // What is written at a bar: its value; of a stack the sum, above it.
    private static double? Sum(Plot plot, int i, int k) =>
        !plot.Stacked || i == plot.Series.Count - 1 ? plot.Base(i, k) + plot.Series[i].Y[k] : null;

    private static Layout ChartLayout(Plot plot) =>
        With(
            new Layout(),
            ("paper_bgcolor", "rgba(0,0,0,0)"),
            ("plot_bgcolor", "rgba(0,0,0,0)"),
            ("font", With(new Font(), ("family", "system-ui, sans-serif"), ("size", 13), ("color", Palette.Ink))),
            ("margin", With(new Margin(), ("l", 8), ("r", 16), ("t", 8), ("b", 8))),
            ("height", 380),
            ("showlegend", plot.Series.Count > 1),
            ("legend", With(new Legend(), ("orientation", "h"), ("x", 0), ("y", 1.02), ("xanchor", "left"), ("yanchor", "bottom"))),
            ("hovermode", plot.Kind == PlotKind.Points ? "closest" : "x unified"),
            (
                "hoverlabel",
                With(
                    new Hoverlabel(),
                    ("bgcolor", Palette.Paper),
                    ("bordercolor", Palette.Grid),
                    ("font", With(new Font(), ("color", Palette.Ink)))
                )
            ),
            ("barmode", plot.Stacked ? "stack" : "group"),
            ("bargap", 0.3),
            ("bargroupgap", 0.08),
            ("uniformtext", new { minsize = 9, mode = "hide" }),
            (
                "xaxis",
                Axis(plot.XLabel, plot.LogX, lines: plot.Kind == PlotKind.Points, plot.XScale(0, 1), spike: plot.Kind == PlotKind.Curves)
            ),
            ("yaxis", Axis(plot.YLabel, plot.LogY, lines: true, plot.YScale(0, 1)))
        );

    private static LinearAxis Axis(string label, bool log, bool lines, AxisScale scale, bool spike = false)
    {
        var axis = With(
            new LinearAxis(),
            ("type", log ? "log" : "-"),
            ("automargin", true),
            ("showgrid", lines),
            ("gridcolor", Palette.Grid),
            ("zeroline", false),
            ("linecolor", Palette.Grid),
            ("tickfont", With(new Font(), ("size", 12), ("color", Palette.Muted))),
            ("range", scale.Range),
            ("showspikes", spike),
            ("spikemode", "across"),
            ("spikesnap", "data"),
            ("spikethickness", -2),
            ("spikedash", "solid"),
            ("spikecolor", Palette.Grid)
        );
        if (label.Length > 0)
            axis.SetProperty(
                "title",
                new
                {
                    text = Escape.Plotly(label),
                    standoff = 12,
                    font = new { size = 12, color = Palette.Muted },
                }
            );
        // plotly.js writes every digit between two powers of ten; 1, 2 and 5 read better.
        if (log)
            With(axis, ("tickmode", "array"), ("tickvals", scale.Ticks()), ("ticktext", scale.Ticks().Select(Numbers.Text)));
        return axis;
    }

    // Drag to zoom, double-click to return; plotly.js says so itself.
    private static Config ChartConfig() => With(new Config(), ("responsive", true), ("displaylogo", false), ("displayModeBar", false));

    private static T With<T>(T target, params (string Name, object Value)[] properties)
        where T : DynamicObj.DynamicObj
    {
        foreach (var (name, value) in properties)
            target.SetProperty(name, value);
        return target;
    }
}
