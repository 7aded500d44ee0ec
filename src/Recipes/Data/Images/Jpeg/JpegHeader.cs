namespace Recipes.Data;

/// <summary>What stands before the picture in a JPEG file of the plain kind: baseline, one scan without restarts, luma and two chroma planes of 8 bits.</summary>
internal sealed class JpegHeader
{
    private readonly JpegTable[] _tables = [.. Enumerable.Range(0, 8).Select(_ => new JpegTable())];
    private readonly ushort[][] _steps = [.. Enumerable.Range(0, 4).Select(_ => new ushort[64])];
    private readonly int[] _ids = new int[3];
    private readonly int[] _used = new int[3];
    private readonly int[] _dc = new int[3];
    private readonly int[] _ac = new int[3];
    private int _known;
    private bool _isJfif;
    private int _transform;

    /// <summary>Where a coefficient of the file's order stands in its block; a run may lead past the end.</summary>
    public static readonly byte[] Order =
    [
        .. (byte[])
            [
                0,
                1,
                8,
                16,
                9,
                2,
                3,
                10,
                17,
                24,
                32,
                25,
                18,
                11,
                4,
                5,
                12,
                19,
                26,
                33,
                40,
                48,
                41,
                34,
                27,
                20,
                13,
                6,
                7,
                14,
                21,
                28,
                35,
                42,
                49,
                56,
                57,
                50,
                43,
                36,
                29,
                22,
                15,
                23,
                30,
                37,
                44,
                51,
                58,
                59,
                52,
                45,
                38,
                31,
                39,
                46,
                53,
                60,
                61,
                54,
                47,
                55,
                62,
                63,
            ],
        .. Enumerable.Repeat((byte)63, 16),
    ];

    public int Width { get; private set; }

    public int Height { get; private set; }

    /// <summary>Luma samples for each chroma sample, across: 1 or 2.</summary>
    public int Across { get; private set; }

    /// <summary>The same down.</summary>
    public int Down { get; private set; }

    /// <summary>Where the scan begins.</summary>
    public int Scan { get; private set; }

    /// <summary>The quantization steps of a plane, in the file's order.</summary>
    public ushort[] Steps(int plane) => _steps[_used[plane]];

    public JpegTable Dc(int plane) => _tables[_dc[plane]];

    public JpegTable Ac(int plane) => _tables[4 + _ac[plane]];

    /// <summary>Reads the header; false where the file is of another kind, or damaged.</summary>
    public bool Read(ReadOnlySpan<byte> file)
    {
        (Width, _known, _isJfif, _transform) = (0, 0, false, -1);
        var at = 2;
        while (at + 4 <= file.Length)
        {
            if (file[at] != 0xFF)
                return false;
            var marker = file[at + 1];
            if (marker == 0xFF)
            {
                at++;
                continue;
            }
            var length = file[at + 2] << 8 | file[at + 3];
            if (length < 2 || at + 2 + length > file.Length)
                return false;
            var body = file.Slice(at + 4, length - 2);
            at += 2 + length;
            switch (marker)
            {
                case 0xDB when !Quantization(body):
                case 0xC0 or 0xC1 when !Frame(body):
                case 0xC4 when !Huffman(body):
                case 0xDD when body is not [0, 0]: // restarts
                case 0xC2 or 0xC3 or (>= 0xC5 and <= 0xC7) or (>= 0xC9 and <= 0xCF) or 0x00 or 0x01 or (>= 0xD0 and <= 0xD9):
                    return false;
                case 0xE0:
                    _isJfif |= body.StartsWith("JFIF\0"u8);
                    break;
                case 0xEE when body.Length >= 12 && body.StartsWith("Adobe"u8):
                    _transform = body[11];
                    break;
                case 0xDA:
                    Scan = at;
                    return Start(body) && IsLuma();
            }
        }
        return false;
    }

    private bool Quantization(ReadOnlySpan<byte> body)
    {
        while (body.Length > 0)
        {
            var (wide, table) = (body[0] >> 4, body[0] & 15);
            var size = wide == 0 ? 64 : 128;
            if (wide > 1 || table > 3 || body.Length <= size)
                return false;
            for (var i = 0; i < 64; i++)
                _steps[table][i] = wide == 0 ? body[1 + i] : (ushort)(body[1 + 2 * i] << 8 | body[2 + 2 * i]);
            _known |= 1 << table;
            body = body[(1 + size)..];
        }
        return true;
    }

    private bool Frame(ReadOnlySpan<byte> body)
    {
        if (Width > 0 || body.Length != 15 || body[0] != 8 || body[5] != 3)
            return false;
        (Height, Width) = (body[1] << 8 | body[2], body[3] << 8 | body[4]);
        for (var c = 0; c < 3; c++)
        {
            (_ids[c], _used[c]) = (body[6 + 3 * c], body[8 + 3 * c]);
            if (_used[c] > 3 || c > 0 && body[7 + 3 * c] != 0x11)
                return false;
        }
        (Across, Down) = (body[7] >> 4, body[7] & 15);
        return Width > 16 && Height > 16 && (Across, Down) is (1, 1) or (2, 1) or (2, 2);
    }

    private bool Huffman(ReadOnlySpan<byte> body)
    {
        while (body.Length > 0)
        {
            if (body.Length < 17 || (body[0] & 0xEC) != 0)
                return false;
            var counts = body.Slice(1, 16);
            var symbols = 0;
            foreach (var count in counts)
                symbols += count;
            var table = (body[0] >> 4) * 4 + (body[0] & 3);
            if (symbols > 256 || body.Length < 17 + symbols || !_tables[table].Set(counts, body.Slice(17, symbols), table >= 4))
                return false;
            _known |= 0x10 << table;
            body = body[(17 + symbols)..];
        }
        return true;
    }

    private bool Start(ReadOnlySpan<byte> body)
    {
        if (Width == 0 || body.Length != 10 || body[0] != 3 || body[7] != 0 || body[8] != 63 || body[9] != 0)
            return false;
        for (var c = 0; c < 3; c++)
        {
            (_dc[c], _ac[c]) = (body[2 + 2 * c] >> 4, body[2 + 2 * c] & 15);
            if (body[1 + 2 * c] != _ids[c] || _dc[c] > 3 || _ac[c] > 3)
                return false;
            var needed = 1 << _used[c] | 0x10 << _dc[c] | 0x10 << (4 + _ac[c]);
            if ((_known & needed) != needed)
                return false;
        }
        return true;
    }

    // As libjpeg guesses the colours; what is not plainly luma and chroma is left to others.
    private bool IsLuma() => _isJfif || _transform == 1 || _transform < 0 && _ids is [1, 2, 3];
}
