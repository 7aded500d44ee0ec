using System.Text;

namespace Recipes.Display;

// A plot as a static picture: what is seen before and without any script, in stored notebooks and in print.
internal sealed class SvgFigure
{
    public const int Width = 720;
    public const int Height = 360;
    private const int Left = 64;
    private const int Right = 20;
    private const int Bottom = 50;

    private readonly Plot _plot;
    private readonly int _top;
    private readonly AxisScale _x;
    private readonly AxisScale _y;
    private readonly StringBuilder _svg = new();

    private SvgFigure(Plot plot)
    {
        _plot = plot;
        _top = plot.Series.Count > 1 ? 40 : 20;
        _x = plot.XScale(Left, Width - Right);
        _y = plot.YScale(Height - Bottom, _top);
    }

    public static string From(Plot plot) => new SvgFigure(plot).Draw();

    private string Draw()
    {
        _svg.Append(
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" style=\"color-scheme: light dark\" font-family=\"system-ui, sans-serif\" font-size=\"12\"><title>{Escape.Html(_plot.Title)}</title>"
        );
        Axes();
        Legend();
        for (var i = 0; i < _plot.Series.Count; i++)
        {
            if (_plot.Kind == PlotKind.Curves)
                Curve(_plot.Series[i], i);
            else if (_plot.Kind == PlotKind.Points)
                Points(_plot.Series[i], i);
            else
                Bars(_plot.Series[i], i);
        }
        return _svg.Append("</svg>").ToString();
    }

    private void Axes()
    {
        foreach (var tick in _y.Ticks())
        {
            Line(Left, _y.At(tick), Width - Right, _y.At(tick), Palette.Grid, 1);
            Text(Left - 8, _y.At(tick) + 4, Numbers.Text(tick), "end");
        }
        if (_plot.Kind == PlotKind.Bars)
        {
            for (var i = 0; i < _plot.Categories.Count; i++)
                Text(_x.At(i), Height - Bottom + 18, _plot.Categories[i], "middle");
        }
        else
        {
            foreach (var tick in _x.Ticks())
                Text(_x.At(tick), Height - Bottom + 18, Numbers.Text(tick), "middle");
        }
        Text((Left + Width - Right) / 2.0, Height - 10, _plot.XLabel, "middle");
        var middle = (_top + Height - Bottom) / 2.0;
        Text(16, middle, _plot.YLabel, "middle", $" transform=\"rotate(-90 16 {P(middle)})\"");
    }

    private void Legend()
    {
        if (_plot.Series.Count < 2)
            return;
        double x = Left;
        for (var i = 0; i < _plot.Series.Count; i++)
        {
            if (_plot.Kind == PlotKind.Curves)
                Line(x, 16, x + 22, 16, Palette.Series(i), 2.5, Dash(i));
            else
                Marker(x + 11, 16, i);
            Text(x + 28, 20, _plot.Series[i].Name, "start");
            x += 28 + 7.2 * _plot.Series[i].Name.Length + 20;
        }
    }

    private void Curve(Series s, int i)
    {
        int[] shown = [.. Enumerable.Range(0, s.X.Count).Where(k => _x.Drawable(s.X[k]))];
        if (s.HasSpread)
        {
            int[] band = [.. shown.Where(k => _y.Drawable(s.Low[k]) && _y.Drawable(s.High[k]))];
            var outline = band.Select(k => At(s.X[k], s.High[k])).Concat(band.Reverse().Select(k => At(s.X[k], s.Low[k])));
            _svg.Append($"<polygon points=\"{string.Join(' ', outline)}\" {Colour("fill", Palette.Soft(i))}/>");
        }
        var path = new StringBuilder();
        var pen = 'M';
        foreach (var k in shown)
        {
            if (_y.Drawable(s.Y[k]))
                path.Append(pen).Append(At(s.X[k], s.Y[k]));
            pen = _y.Drawable(s.Y[k]) ? 'L' : 'M';
        }
        _svg.Append(
            $"<path d=\"{path}\" fill=\"none\" stroke-width=\"2.5\" stroke-linejoin=\"round\"{Dash(i)} {Colour("stroke", Palette.Series(i))}/>"
        );
    }

    private void Points(Series s, int i)
    {
        for (var k = 0; k < s.X.Count; k++)
        {
            if (!_x.Drawable(s.X[k]) || !_y.Drawable(s.Y[k]))
                continue;
            var (x, y) = (_x.At(s.X[k]), _y.At(s.Y[k]));
            if (s.HasSpread && _y.Drawable(s.Low[k]) && _y.Drawable(s.High[k]))
                Line(x, _y.At(s.Low[k]), x, _y.At(s.High[k]), Palette.Series(i), 1.5);
            Marker(x, y, i);
            if (s.Labels.Count == 0)
                continue;
            // Beside a bar of spread, else above or below the point.
            if (s.HasSpread)
                Text(x + 11, y + 4, s.Labels[k], "start");
            else
                Text(x, i % 2 == 0 ? y - 11 : y + 20, s.Labels[k], "middle");
        }
    }

    private void Bars(Series s, int i)
    {
        var room = (_x.At(1) - _x.At(0)) * 0.7;
        var width = _plot.Stacked ? room : room / _plot.Series.Count;
        for (var k = 0; k < s.Y.Count; k++)
        {
            if (!_y.Drawable(s.Y[k]))
                continue;
            var zero = _plot.LogY ? Height - Bottom : _y.At(_plot.Base(i, k));
            var (x, y) = (_x.At(k) - room / 2 + (_plot.Stacked ? 0 : i * width), _y.At(_plot.Base(i, k) + s.Y[k]));
            _svg.Append(
                $"<rect x=\"{P(x)}\" y=\"{P(Math.Min(y, zero))}\" width=\"{P(width - 2)}\" height=\"{P(Math.Abs(y - zero))}\" {Colour("fill", Palette.Series(i))}/>"
            );
            // Of a stack the sum is written above it.
            if (!_plot.Stacked || i == _plot.Series.Count - 1)
                Text(x + width / 2 - 1, Math.Min(y, zero) - 5, Numbers.Short(_plot.Base(i, k) + s.Y[k]), "middle");
        }
    }

    // Circle, diamond, square: as plotly's symbols, so that the series differ without colour.
    private void Marker(double x, double y, int i)
    {
        var shape = (_plot.Kind == PlotKind.Bars ? 2 : i % 3) switch
        {
            0 => $"<circle cx=\"{P(x)}\" cy=\"{P(y)}\" r=\"5.5\"",
            1 => $"<path d=\"M{P(x)} {P(y - 7)}l7 7l-7 7l-7 -7z\"",
            _ => $"<rect x=\"{P(x - 5)}\" y=\"{P(y - 5)}\" width=\"10\" height=\"10\"",
        };
        _svg.Append($"{shape} {Colour("fill", Palette.Series(i))}/>");
    }

    private void Line(double x1, double y1, double x2, double y2, string colour, double width, string dash = "") =>
        _svg.Append(
            $"<line x1=\"{P(x1)}\" y1=\"{P(y1)}\" x2=\"{P(x2)}\" y2=\"{P(y2)}\" stroke-width=\"{P(width)}\"{dash} {Colour("stroke", colour)}/>"
        );

    private void Text(double x, double y, string text, string anchor, string more = "") =>
        _svg.Append(
            $"<text x=\"{P(x)}\" y=\"{P(y)}\" text-anchor=\"{anchor}\"{more} {Colour("fill", Palette.Muted)}>{Escape.Html(text)}</text>"
        );

    // The attribute is what programs that do not know light-dark() use.
    private static string Colour(string property, string light) =>
        $"{property}=\"{light}\" style=\"{property}:light-dark({light}, {Palette.Dark.First(p => p.Key == light).Value})\"";

    private static string Dash(int i) =>
        (i % Palette.Dashes.Length) switch
        {
            0 => "",
            1 => " stroke-dasharray=\"9 5\"",
            2 => " stroke-dasharray=\"2 4\"",
            3 => " stroke-dasharray=\"9 4 2 4\"",
            _ => " stroke-dasharray=\"14 5\"",
        };

    private string At(double x, double y) => $"{P(_x.At(x))} {P(_y.At(y))}";

    private static string P(double pixels) => pixels.ToString("0.#");
}
