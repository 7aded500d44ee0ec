using System.Runtime.Intrinsics.X86;

namespace Recipes.Data;

/// <summary>
/// Decodes a rectangle of a JPEG file of the plain kind, with the bytes of libjpeg: what lies below it is not read, what lies around it
/// is read over, not transformed. Other kinds, and damaged files, are left to the decoder of all files. Keeps its memory; one serves one
/// thread at a time.
/// </summary>
internal sealed unsafe class JpegCrop
{
    private const int Side = 8;
    private const int Slack = 64; // vectors read and write behind a row

    [ThreadStatic]
    private static JpegCrop? s_shared;

    private readonly JpegHeader _header = new();
    private readonly byte[][] _planes =
    [
        [],
        [],
        [],
    ];
    private readonly byte[][] _wide =
    [
        [],
        [],
    ];
    private ushort[] _sums = [];
    private int _left,
        _top,
        _columns,
        _rows; // the macroblocks that are decoded

    /// <summary>This thread's decoder.</summary>
    public static JpegCrop Shared => s_shared ??= new JpegCrop();

    /// <summary>Decodes a rectangle; false where the file is not of the plain kind, of another size, or damaged.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="width">Columns of the picture, as another reader found them.</param>
    /// <param name="height">Rows.</param>
    /// <param name="box">The rectangle, within the picture.</param>
    /// <param name="rgb">Receives <c>[box.Height, box.Width, 3]</c>.</param>
    public bool TryDecode(ReadOnlySpan<byte> file, int width, int height, PixelBox box, Span<byte> rgb)
    {
        if (!Avx2.IsSupported || !_header.Read(file) || _header.Width != width || _header.Height != height)
            return false;
        var (across, down) = (Side * _header.Across, Side * _header.Down);
        // Upsampling looks one chroma sample, two pixels, farther.
        (_left, _top) = (Math.Max(0, box.Left - 2) / across, Math.Max(0, box.Top - 2) / down);
        _columns = Math.Min(box.Right + 1, width - 1) / across + 1 - _left;
        _rows = Math.Min(box.Bottom + 1, height - 1) / down + 1 - _top;
        for (var plane = 0; plane < 3; plane++)
            Grow(ref _planes[plane], Stride(plane) * _rows * (plane == 0 ? down : Side) + Slack);
        fixed (byte* start = file)
        {
            if (!Read(new JpegBits(start + _header.Scan, start + file.Length)))
                return false;
        }
        Colour(box, rgb);
        return true;
    }

    private int Stride(int plane) => _columns * Side * (plane == 0 ? _header.Across : 1);

    private bool Read(JpegBits bits)
    {
        var levels = stackalloc int[3];
        var block = stackalloc short[Side * Side];
        var perRow = (_header.Width + Side * _header.Across - 1) / (Side * _header.Across);
        for (var row = 0; row < _top + _rows; row++)
        {
            for (var column = 0; column < perRow; column++)
            {
                var wanted = row >= _top && column >= _left && column < _left + _columns;
                for (var plane = 0; plane < 3; plane++)
                    Blocks(ref bits, plane, wanted ? column - _left : -1, row - _top, ref levels[plane], block);
            }
            bits.Check();
            if (bits.IsBroken)
                return false;
        }
        return true;
    }

    // The blocks of one plane in a macroblock; read over where the column is -1.
    private void Blocks(ref JpegBits bits, int plane, int column, int row, ref int level, short* block)
    {
        var (across, down) = plane == 0 ? (_header.Across, _header.Down) : (1, 1);
        var (dc, ac, steps) = (_header.Dc(plane), _header.Ac(plane), _header.Steps(plane));
        if (column < 0)
        {
            for (var i = 0; i < across * down; i++)
                bits.Skip(dc, ac, ref level);
            return;
        }
        var stride = Stride(plane);
        fixed (byte* samples = _planes[plane])
        {
            for (var y = 0; y < down; y++)
            {
                for (var x = 0; x < across; x++)
                {
                    var to = samples + (row * down + y) * Side * stride + (column * across + x) * Side;
                    new Span<short>(block, Side * Side).Clear();
                    if (bits.Block(dc, ac, steps, ref level, block) == 0)
                        JpegCosine.Plain(block[0], to, stride);
                    else
                        JpegCosine.Transform(block, to, stride);
                }
            }
        }
    }

    private void Colour(PixelBox box, Span<byte> rgb)
    {
        var (across, down) = (_header.Across, _header.Down);
        var x = box.Left - _left * Side * across;
        Grow(ref _wide[0], 2 * Stride(1) + 2 * Slack);
        Grow(ref _wide[1], 2 * Stride(1) + 2 * Slack);
        if (_sums.Length < Stride(1) + 2 * Slack)
            _sums = new ushort[Stride(1) + 2 * Slack];
        fixed (byte* luma = _planes[0])
        fixed (byte* cb = _planes[1])
        fixed (byte* cr = _planes[2])
        fixed (byte* wideCb = _wide[0])
        fixed (byte* wideCr = _wide[1])
        fixed (byte* to = rgb)
        {
            for (var y = box.Top; y < box.Bottom; y++)
            {
                var from = luma + (y - _top * Side * down) * Stride(0) + x;
                var target = to + (long)(y - box.Top) * 3 * box.Width;
                if (across == 1)
                {
                    var at = (y - _top * Side) * Stride(1) + x;
                    JpegColor.Convert(from, cb + at, cr + at, box.Width, target);
                    continue;
                }
                Chroma(cb, y, wideCb);
                Chroma(cr, y, wideCr);
                JpegColor.Convert(from, wideCb + x, wideCr + x, box.Width, target);
            }
        }
    }

    // One row of chroma samples at the picture's width.
    private void Chroma(byte* plane, int y, byte* to)
    {
        var (down, stride) = (_header.Down, Stride(1));
        var rows = (_header.Height + down - 1) / down;
        var near = y / down;
        var far = down == 1 ? near : Math.Clamp(y % 2 == 0 ? near - 1 : near + 1, 0, rows - 1);
        // The picture's own edge; samples behind it are filling.
        var count = Math.Min(stride, (_header.Width + 1) / 2 - _left * Side);
        fixed (ushort* start = _sums)
        {
            var sums = start + Slack / 2;
            JpegColor.Sum(plane + (near - _top * Side) * stride, plane + (far - _top * Side) * stride, count, down == 2, sums);
            (sums[-1], sums[count]) = (sums[0], sums[count - 1]);
            JpegColor.Widen(sums, count, down == 2, to);
        }
    }

    private static void Grow(ref byte[] bytes, int length)
    {
        if (bytes.Length < length)
            bytes = new byte[length];
    }
}
