using System.Text;
using Microsoft.FSharp.Collections;
using Plotly.NET;

namespace Recipes.Display;

/// <summary>
/// Charts of one kind behind a slider, each on its own vertical axis. Without plotly.js the first chart stands for all; the data of every one stand
/// beside it.
/// </summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed class SliderBlock : Block
{
    private readonly string _title;
    private readonly string _label;
    private readonly (string Step, ChartBlock Chart)[] _steps;

    /// <summary>One chart for each step of the slider.</summary>
    /// <param name="title">What is to be seen.</param>
    /// <param name="label">What the slider changes.</param>
    /// <param name="steps">What each step is called, and its chart; all of as many series.</param>
    /// <exception cref="RecipesException">There are no steps, or charts of several kinds.</exception>
    public SliderBlock(string title, string label, IEnumerable<(string Step, ChartBlock Chart)> steps)
    {
        (_title, _label, _steps) = (title, label, [.. steps]);
        if (_steps.Select(s => Traces(s.Chart).Length).Distinct().Count() != 1)
            throw new RecipesException($"Slider \"{title}\": expected one chart or more, all of as many series.");
    }

    /// <inheritdoc/>
    public override string ToString() => string.Concat(_steps.Select(s => $"{_label} {s.Step}\n{s.Chart.Data}"));

    /// <inheritdoc/>
    public override string ToMarkdown() => string.Concat(_steps.Select(s => s.Chart.Data.Caption($"{_label} {s.Step}").ToMarkdown()));

    /// <inheritdoc/>
    protected internal override string Body() =>
        ChartBlock.Figure(
            _title,
            $"<img src=\"data:image/svg+xml;base64,{Convert.ToBase64String(Encoding.UTF8.GetBytes(_steps[0].Chart.ToSvg()))}\" width=\"{SvgFigure.Width}\""
                + $" height=\"{SvgFigure.Height}\" alt=\"{Escape.Html($"{_title}: {_label} {_steps[0].Step}. The data of every step follow as tables.")}\">",
            Plotly(),
            $"<details><summary>Data</summary>{string.Concat(_steps.Select(s => s.Chart.Data.Caption($"{_label} {s.Step}").Body()))}</details>"
        );

    // The traces of all steps, of which one step's are to be seen.
    private GenericChart Plotly()
    {
        var each = Traces(_steps[0].Chart).Length;
        var traces = _steps.SelectMany(
            (step, i) =>
                Traces(step.Chart)
                    .Select(t =>
                    {
                        t.SetProperty("visible", i == 0);
                        return t;
                    })
        );
        var layout = GenericChart.getLayout(_steps[0].Chart.ToPlotly());
        layout.SetProperty("height", 460);
        layout.SetProperty(
            "sliders",
            new[]
            {
                new
                {
                    active = 0,
                    pad = new { t = 40 },
                    currentvalue = new { prefix = Escape.Plotly($"{_label} ") },
                    steps = _steps.Select(
                        (step, i) =>
                            new
                            {
                                label = Escape.Plotly(step.Step),
                                method = "update",
                                args = new object[]
                                {
                                    new { visible = Enumerable.Range(0, _steps.Length * each).Select(k => k / each == i) },
                                    new Dictionary<string, object> { ["yaxis.range"] = step.Chart.Range },
                                },
                            }
                    ),
                },
            }
        );
        return GenericChart.setConfig(
            GenericChart.getConfig(_steps[0].Chart.ToPlotly()),
            GenericChart.setLayout(layout, GenericChart.ofTraceObjects(false, ListModule.OfSeq(traces)))
        );
    }

    private static Trace[] Traces(ChartBlock chart) => [.. GenericChart.getTraces(chart.ToPlotly())];
}
