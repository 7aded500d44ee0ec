namespace Recipes.Data;

/// <summary>
/// Cuts a rectangle out of a picture and resizes it, antialiased, in two fixed-point passes with 22 fractional bits: the bytes
/// are those of the Python Imaging Library. Holds its working memory; one resampler serves one thread at a time.
/// </summary>
public sealed class Resampler
{
    private const int Bits = ResizeTaps.Bits;
    private const int Channels = 3;

    [ThreadStatic]
    private static Resampler? s_shared;

    private byte[] _between = [];
    private byte[] _row = [];
    private readonly ResizeTaps _taps = new();

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
        var all = new PixelBox(0, 0, targetWidth, targetHeight);
        Resize(source, width, crop, target, all, targetWidth, targetHeight, filter);
    }

    /// <summary>
    /// A part of what <see cref="Resize(ReadOnlySpan{byte}, int, PixelBox, Span{byte}, int, int, ResizeFilter)"/> gives, without the rest: its work and memory are those of the part.
    /// </summary>
    /// <param name="source"><c>[height, width, 3]</c>.</param>
    /// <param name="width">Columns of the source.</param>
    /// <param name="crop">The rectangle, within the source, not empty.</param>
    /// <param name="target"><c>[part.Height, part.Width, 3]</c>.</param>
    /// <param name="part">The part of the resized rectangle.</param>
    /// <param name="fullWidth">Columns of the whole resized rectangle.</param>
    /// <param name="fullHeight">Rows of the whole resized rectangle.</param>
    /// <param name="filter">The kernel.</param>
    public void Resize(
        ReadOnlySpan<byte> source,
        int width,
        PixelBox crop,
        Span<byte> target,
        PixelBox part,
        int fullWidth,
        int fullHeight,
        ResizeFilter filter
    )
    {
        var (stride, row) = (Channels * width, Channels * part.Width);
        source = source[(crop.Top * stride + Channels * crop.Left)..];
        var (first, end) = ResizeTaps.Range(crop.Height, fullHeight, part.Top, part.Bottom, filter);
        var between = Between(end - first, row);
        _taps.Weigh(crop.Width, fullWidth, part.Left, part.Width, filter);
        for (var y = first; y < end; y++)
            Across(
                source.Slice(y * stride, Channels * crop.Width),
                between.Slice((y - first) * row, row),
                crop.Width == fullWidth ? part.Left : -1
            );
        Below(between, first, crop.Height, target, row, part, fullHeight, filter);
    }

    /// <summary>
    /// Resizes a picture in the middle of a square of one colour, without making that square. The offsets are halves, rounded down.
    /// </summary>
    /// <param name="source"><c>[height, width, 3]</c>.</param>
    /// <param name="width">Columns of the source.</param>
    /// <param name="height">Rows of the source.</param>
    /// <param name="background">The colour, red, green, blue.</param>
    /// <param name="target"><c>[size, size, 3]</c>.</param>
    /// <param name="size">Side of the target.</param>
    /// <param name="filter">The kernel.</param>
    public void ResizePadded(
        ReadOnlySpan<byte> source,
        int width,
        int height,
        ReadOnlySpan<byte> background,
        Span<byte> target,
        int size,
        ResizeFilter filter
    )
    {
        var side = Math.Max(width, height);
        var (left, top, row) = ((side - width) / 2, (side - height) / 2, Channels * size);
        var padded = new byte[Channels * side];
        Fill(padded, background);
        var between = Between(side, row);
        Fill(between, background); // a resized row of one colour is that colour
        _taps.Weigh(side, size, 0, size, filter);
        for (var y = 0; y < height; y++)
        {
            source.Slice(y * Channels * width, Channels * width).CopyTo(padded.AsSpan(Channels * left));
            Across(padded, between.Slice((top + y) * row, row), side == size ? 0 : -1);
        }
        Below(between, 0, side, target, row, new PixelBox(0, 0, size, size), size, filter);
    }

    private Span<byte> Between(int rows, int row)
    {
        if (_between.LongLength < (long)rows * row)
            _between = new byte[(long)rows * row];
        return _between.AsSpan(0, rows * row);
    }

    private static void Fill(Span<byte> pixels, ReadOnlySpan<byte> colour)
    {
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = colour[i % Channels];
    }

    // The second pass; `between` begins with row `first` of the source.
    private void Below(
        ReadOnlySpan<byte> between,
        int first,
        int height,
        Span<byte> target,
        int row,
        PixelBox part,
        int fullHeight,
        ResizeFilter filter
    )
    {
        if (height == fullHeight)
        {
            between[..(part.Height * row)].CopyTo(target);
            return;
        }
        _taps.Weigh(height, fullHeight, part.Top, part.Height, filter);
        for (var y = 0; y < part.Height; y++)
            Down(between[((_taps.Start(y) - first) * row)..], y, target.Slice(y * row, row));
    }

    // One row resized, or copied from a column onward where the width stays.
    private void Across(ReadOnlySpan<byte> source, Span<byte> target, int copyFrom)
    {
        if (copyFrom >= 0)
        {
            source.Slice(Channels * copyFrom, target.Length).CopyTo(target);
            return;
        }
        if (ResampleVectors.IsSupported)
        {
            var length = source.Length + ResampleVectors.Slack;
            if (_row.Length < length)
                _row = new byte[length];
            source.CopyTo(_row);
            ResampleVectors.Across(_row, _taps, target);
            return;
        }
        for (var o = 0; o < target.Length / Channels; o++)
        {
            var (r, g, b) = (1 << (Bits - 1), 1 << (Bits - 1), 1 << (Bits - 1));
            var i = Channels * _taps.Start(o);
            foreach (var weight in _taps.Weights(o))
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

    // `source` begins with the first row that counts.
    private void Down(ReadOnlySpan<byte> source, int row, Span<byte> target)
    {
        if (ResampleVectors.IsSupported)
        {
            ResampleVectors.Down(source, _taps, row, target);
            return;
        }
        var weights = _taps.Weights(row);
        for (var x = 0; x < target.Length; x++)
        {
            var sum = 1 << (Bits - 1);
            var i = x;
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
}
