namespace Recipes.Display;

// One axis of a static picture: from data to pixels, with round ticks.
internal sealed class AxisScale
{
    private readonly bool _log;
    private readonly double _low;
    private readonly double _high;
    private readonly double _from;
    private readonly double _to;

    /// <summary>An axis around these values.</summary>
    /// <param name="values">What must fit; numbers that cannot be drawn are left out.</param>
    /// <param name="log">A logarithmic axis; it draws positive numbers only.</param>
    /// <param name="room">How much of the extent to leave free at both ends, but not beyond an end that is zero.</param>
    /// <param name="from">The pixel of the low end.</param>
    /// <param name="to">The pixel of the high end.</param>
    public AxisScale(IEnumerable<double> values, bool log, double room, double from, double to)
    {
        (_log, _from, _to) = (log, from, to);
        double[] known = [.. values.Where(Drawable).Select(Map)];
        var (low, high) = known.Length == 0 ? (0, 1) : (known.Min(), known.Max());
        var margin = high > low ? (high - low) * room : 0.5;
        var atZero = room > 0 && !log;
        (_low, _high) = (atZero && low == 0 && high > 0 ? 0 : low - margin, atZero && high == 0 && low < 0 ? 0 : high + margin);
    }

    /// <summary>The two ends as plotly.js counts them: powers of ten on a logarithmic axis.</summary>
    public double[] Range => [_low, _high];

    public bool Drawable(double value) => double.IsFinite(value) && (!_log || value > 0);

    public double At(double value) => _from + (Map(value) - _low) / (_high - _low) * (_to - _from);

    /// <summary>About five round values within the axis; on a logarithmic one 1, 2 and 5 times the powers of ten.</summary>
    public IEnumerable<double> Ticks()
    {
        if (_log)
        {
            double[] steps = _high - _low > 2.5 ? [1] : [1, 2, 5];
            var powers = Enumerable.Range((int)Math.Floor(_low), (int)Math.Ceiling(_high - _low) + 2);
            return powers.SelectMany(p => steps.Select(s => s * Math.Pow(10, p))).Where(Inside);
        }
        var raw = (_high - _low) / 5;
        var size = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        var step = size * RoundStep(raw / size);
        var first = (long)Math.Ceiling(_low / step);
        var count = (int)((long)Math.Floor(_high / step) - first + 1);
        return Enumerable.Range(0, Math.Max(0, count)).Select(i => (first + i) * step);
    }

    private static double RoundStep(double step) =>
        step switch
        {
            < 1.5 => 1,
            < 3.5 => 2,
            < 7.5 => 5,
            _ => 10,
        };

    private bool Inside(double value) => Map(value) >= _low && Map(value) <= _high;

    private double Map(double value) => _log ? Math.Log10(value) : value;
}
