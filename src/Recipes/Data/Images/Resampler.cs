namespace Recipes.Data;

/// <summary>The kernel of a resize. Both widen when a picture shrinks, so that nothing aliases.</summary>
[System.Text.Json.Serialization.JsonConverter(typeof(System.Text.Json.Serialization.JsonStringEnumConverter<ResizeFilter>))]
public enum ResizeFilter
{
    /// <summary>Triangle, 1 pixel wide on each side.</summary>
    Bilinear,

    /// <summary>Cubic with a = -0.5, 2 pixels wide on each side.</summary>
    Bicubic,
}

/// <summary>
/// Cuts a rectangle out of a picture and resizes it, antialiased, in two fixed-point passes with 22 fractional bits: the bytes
/// are those of the Python Imaging Library. Holds its working memory; one resampler serves one thread at a time.
/// </summary>
public sealed class Resampler
{
    private const int Bits = 22;
    private const int Channels = 3;

    [ThreadStatic]
    private static Resampler? s_shared;

    private byte[] _between = [];
    private int[] _weights = [];
    private int[] _starts = [];
    private double[] _exact = [];
    private int _taps;

    /// <summary>This thread's resampler.</summary>
    public static Resampler Shared => s_shared ??= new Resampler();

    /// <summary>Resizes a rectangle of the source; pixels outside it are never seen.</summary>
    /// <param name="source"><c>[height, width, 3]</c>.</param>
    /// <param name="width">Columns of the source.</param>
    /// <param name="crop">The rectangle, within the source, not empty.</param>
    /// <param name="target"><c>[targetHeight, targetWidth, 3]</c>.</param>
    /// <param name="targetWidth">Columns of the target.</param>
    /// <param name="targetHeight">Rows of the target.</param>
    /// <param name="filter">The kernel.</param>
    public void Resize(
        ReadOnlySpan<byte> source,
        int width,
        PixelBox crop,
        Span<byte> target,
        int targetWidth,
        int targetHeight,
        ResizeFilter filter = ResizeFilter.Bilinear
    )
    {
        var stride = Channels * width;
        source = source[(crop.Top * stride + Channels * crop.Left)..];
        if (_between.Length < Channels * targetWidth * crop.Height)
            _between = new byte[Channels * targetWidth * crop.Height];
        var between = _between.AsSpan(0, Channels * targetWidth * crop.Height);
        if (crop.Width == targetWidth)
        {
            for (var row = 0; row < crop.Height; row++)
                source.Slice(row * stride, Channels * targetWidth).CopyTo(between[(row * Channels * targetWidth)..]);
        }
        else
        {
            Weigh(crop.Width, targetWidth, filter);
            for (var row = 0; row < crop.Height; row++)
                Across(source[(row * stride)..], between.Slice(row * Channels * targetWidth, Channels * targetWidth));
        }
        if (crop.Height == targetHeight)
        {
            between.CopyTo(target);
            return;
        }
        Weigh(crop.Height, targetHeight, filter);
        for (var row = 0; row < targetHeight; row++)
            Down(between, row, target.Slice(row * Channels * targetWidth, Channels * targetWidth));
    }

    private void Across(ReadOnlySpan<byte> source, Span<byte> target)
    {
        for (var o = 0; o < target.Length / Channels; o++)
        {
            var (r, g, b) = (1 << (Bits - 1), 1 << (Bits - 1), 1 << (Bits - 1));
            var i = Channels * _starts[o];
            foreach (var weight in _weights.AsSpan(o * _taps, _taps))
            {
                if (weight == 0)
                {
                    i += Channels;
                    continue;
                }
                r += weight * source[i];
                g += weight * source[i + 1];
                b += weight * source[i + 2];
                i += Channels;
            }
            target[Channels * o] = Clip(r);
            target[Channels * o + 1] = Clip(g);
            target[Channels * o + 2] = Clip(b);
        }
    }

    private void Down(ReadOnlySpan<byte> source, int row, Span<byte> target)
    {
        var weights = _weights.AsSpan(row * _taps, _taps);
        var start = _starts[row] * target.Length;
        for (var x = 0; x < target.Length; x++)
        {
            var sum = 1 << (Bits - 1);
            var i = start + x;
            foreach (var weight in weights)
            {
                if (weight != 0)
                    sum += weight * source[i];
                i += target.Length;
            }
            target[x] = Clip(sum);
        }
    }

    private static byte Clip(int sum) => (byte)Math.Clamp(sum >> Bits, 0, 255);

    // The taps of every output position, `_taps` weights each, of which the last may be 0.
    private void Weigh(int input, int output, ResizeFilter filter)
    {
        var scale = (double)input / output;
        var widen = Math.Max(scale, 1);
        var support = (filter == ResizeFilter.Bilinear ? 1 : 2) * widen;
        _taps = (int)Math.Ceiling(support) * 2 + 1;
        if (_weights.Length < output * _taps)
            _weights = new int[output * _taps];
        if (_starts.Length < output)
            _starts = new int[output];
        if (_exact.Length < _taps)
            _exact = new double[_taps];
        for (var o = 0; o < output; o++)
        {
            var centre = (o + 0.5) * scale;
            var first = Math.Max((int)(centre - support + 0.5), 0);
            var count = Math.Min((int)(centre + support + 0.5), input) - first;
            var sum = 0.0;
            for (var k = 0; k < count; k++)
                sum += _exact[k] = Kernel((first + k - centre + 0.5) / widen, filter);
            _starts[o] = first;
            var weights = _weights.AsSpan(o * _taps, _taps);
            weights.Clear();
            for (var k = 0; k < count; k++)
                weights[k] = (int)Math.Round(_exact[k] / sum * (1 << Bits), MidpointRounding.AwayFromZero);
        }
    }

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
