namespace Recipes.Display;

internal enum PlotKind
{
    Curves,
    Points,
    Bars,
}

// What is drawn, before any way of drawing it: plotly.js for readers who explore, a static picture for everyone else.
internal sealed record Plot(PlotKind Kind, string Title, string XLabel, string YLabel, IReadOnlyList<Series> Series)
{
    public bool LogX { get; init; }

    public bool LogY { get; init; }

    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Whether bars of a group stand on each other.</summary>
    public bool Stacked { get; init; }

    /// <summary>The height at which a bar begins: the sum of those below it.</summary>
    public double Base(int series, int place) => Stacked ? Series.Take(series).Sum(s => s.Y[place]) : 0;

    /// <summary>The horizontal axis between two pixels. Curves fill it; points and bars keep off its ends.</summary>
    public AxisScale XScale(double from, double to) =>
        Kind switch
        {
            PlotKind.Bars => new([-0.5, Math.Max(0, Categories.Count - 1) + 0.5], log: false, room: 0, from, to),
            PlotKind.Points => new(Series.SelectMany(s => s.X), LogX, room: 0.08, from, to),
            _ => new(Series.SelectMany(s => s.X), LogX, room: 0, from, to),
        };

    /// <summary>The vertical axis between two pixels. Bars start at zero.</summary>
    public AxisScale YScale(double from, double to)
    {
        var values = Stacked
            ? Categories.Select((_, i) => Base(Series.Count, i))
            : Series.SelectMany(s => s.Y.Concat(s.Low).Concat(s.High));
        return new AxisScale(
            Kind == PlotKind.Bars && !LogY ? values.Append(0) : values,
            LogY,
            Kind == PlotKind.Curves ? 0.08 : 0.14,
            from,
            to
        );
    }

    /// <summary>The numbers behind the chart; of curves, where they start and end.</summary>
    public Table Data() =>
        Kind switch
        {
            PlotKind.Curves => Table
                .With(
                    Column.Text("Curve"),
                    Column.Number($"First {XLabel}"),
                    Column.Number($"{YLabel} there"),
                    Column.Number($"Last {XLabel}"),
                    Column.Number($"{YLabel} there"),
                    Column.Text("Over seeds")
                )
                .Rows(
                    Series
                        .Where(s => s.X.Count > 0)
                        .Select(s => new object?[] { s.Name, s.X[0], s.Y[0], s.X[^1], s.Y[^1], s.SpreadText(s.X.Count - 1) })
                ),
            PlotKind.Points => Table
                .With(Column.Text("Point"), Column.Text("Series"), Column.Number(XLabel), Column.Number(YLabel), Column.Text("Over seeds"))
                .Rows(Series.SelectMany(s => s.X.Select((x, i) => new object?[] { Label(s, i), s.Name, x, s.Y[i], s.SpreadText(i) }))),
            _ => Table
                .With([Column.Text(XLabel.Length > 0 ? XLabel : "Category"), .. Series.Select(s => Column.Number(s.Name))])
                .Rows(
                    Categories.Select(
                        (c, i) =>
                            new object?[] { c }
                                .Concat(Series.Select(s => (object?)s.Y[i]))
                                .ToArray()
                    )
                ),
        };

    /// <summary>What a reader who does not see the chart is told: what it is, its axes, its extent.</summary>
    public string Summary()
    {
        var kind = Kind switch
        {
            PlotKind.Curves => "Curves",
            PlotKind.Points => "Scatter",
            _ => Stacked ? "Stacked bars" : "Bars",
        };
        var against = XLabel.Length > 0 ? $"{YLabel} against {XLabel}" : YLabel;
        var axes = (LogX, LogY) switch
        {
            (true, true) => ", both logarithmic",
            (true, _) => ", x logarithmic",
            (_, true) => ", y logarithmic",
            _ => "",
        };
        return $"{kind}: {against}{axes}, for {string.Join(", ", Series.Select(s => s.Name))}. The data follow as a table.";
    }

    public static string Label(Series series, int i) => series.Labels.Count > 0 ? series.Labels[i] : $"{i + 1}";
}
