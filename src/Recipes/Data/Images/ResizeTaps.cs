namespace Recipes.Data;

// The weights of one pass of a resize: for each output position, where it begins to see the input, and fixed-point weights that sum to one.
internal sealed class ResizeTaps
{
    /// <summary>Fractional bits of a weight.</summary>
    public const int Bits = 22;

    /// <summary>Bits of a weight's low part; the high part has the others.</summary>
    public const int LowBits = 12;

    private int[] _weights = [];
    private int[] _counts = [];
    private int[] _starts = [];
    private double[] _exact = [];
    private int _taps;

    /// <summary>The first input position that an output position sees.</summary>
    public int Start(int position) => _starts[position];

    /// <summary>Its weights; the last may be 0.</summary>
    public ReadOnlySpan<int> Weights(int position) => _weights.AsSpan(position * _taps, _taps);

    /// <summary>How many of them count; those behind are 0.</summary>
    public int Count(int position) => _counts[position];

    /// <summary>The same in steps of four.</summary>
    public int Steps(int position) => (_counts[position] + 3) / 4;

    /// <summary>Pairs of 16-bit parts for each output position, an even number.</summary>
    public int Pairs { get; private set; }

    /// <summary>The high parts, two neighbours in each.</summary>
    public int[] Highs { get; private set; } = [];

    /// <summary>The low parts.</summary>
    public int[] Lows { get; private set; } = [];

    /// <summary>Computes the weights of <paramref name="count"/> of the output positions, from <paramref name="from"/> on.</summary>
    public void Weigh(int input, int output, int from, int count, ResizeFilter filter)
    {
        var scale = (double)input / output;
        var widen = Math.Max(scale, 1);
        var support = Support(scale, filter);
        _taps = (int)Math.Ceiling(support) * 2 + 1;
        if (_weights.LongLength < (long)count * _taps)
            _weights = new int[(long)count * _taps];
        if (_starts.Length < count)
            (_starts, _counts) = (new int[count], new int[count]);
        Pairs = (_taps + 3) / 4 * 2;
        if (Highs.Length < count * Pairs)
            (Highs, Lows) = (new int[count * Pairs], new int[count * Pairs]);
        if (_exact.Length < _taps)
            _exact = new double[_taps];
        for (var o = 0; o < count; o++)
        {
            var centre = (from + o + 0.5) * scale;
            var first = Math.Max((int)(centre - support + 0.5), 0);
            var taps = Math.Min((int)(centre + support + 0.5), input) - first;
            var sum = 0.0;
            for (var k = 0; k < taps; k++)
                sum += _exact[k] = Kernel((first + k - centre + 0.5) / widen, filter);
            (_starts[o], _counts[o]) = (first, taps);
            var weights = _weights.AsSpan(o * _taps, _taps);
            weights.Clear();
            for (var k = 0; k < taps; k++)
                weights[k] = (int)Math.Round(_exact[k] / sum * (1 << Bits), MidpointRounding.AwayFromZero);
            if (ResampleVectors.IsSupported)
                Split(weights[..taps], o * Pairs);
        }
    }

    private void Split(ReadOnlySpan<int> weights, int at)
    {
        const int Mask = (1 << LowBits) - 1;
        Highs.AsSpan(at, Pairs).Clear();
        Lows.AsSpan(at, Pairs).Clear();
        for (var k = 0; k < weights.Length; k++)
        {
            var shift = 16 * (k % 2);
            Highs[at + k / 2] |= (ushort)(weights[k] >> LowBits) << shift;
            Lows[at + k / 2] |= (weights[k] & Mask) << shift;
        }
    }

    /// <summary>The input positions that the output positions from <paramref name="from"/> up to <paramref name="end"/> see.</summary>
    public static (int First, int End) Range(int input, int output, int from, int end, ResizeFilter filter)
    {
        if (input == output)
            return (from, end);
        var scale = (double)input / output;
        var support = Support(scale, filter);
        var first = Math.Max((int)((from + 0.5) * scale - support + 0.5), 0);
        return (first, Math.Min((int)((end - 0.5) * scale + support + 0.5), input));
    }

    private static double Support(double scale, ResizeFilter filter) => (filter == ResizeFilter.Bilinear ? 1 : 2) * Math.Max(scale, 1);

    private static double Kernel(double x, ResizeFilter filter)
    {
        x = Math.Abs(x);
        if (filter == ResizeFilter.Bilinear)
            return Math.Max(0, 1 - x);
        return x switch
        {
            < 1 => (1.5 * x - 2.5) * x * x + 1,
            < 2 => ((-0.5 * x + 2.5) * x - 4) * x + 2,
            _ => 0,
        };
    }
}
