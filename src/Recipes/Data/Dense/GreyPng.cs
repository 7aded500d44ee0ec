using System.Buffers.Binary;
using System.IO.Compression;

namespace Recipes.Data;

/// <summary>
/// PNG files that hold numbers: grey of 1 to 16 bits and palettes, whose indices count. A decoder for pictures would turn these into colours, and
/// 16 bits into 8.
/// </summary>
/// <param name="Values"><c>[H, W]</c>, as they stand in the file.</param>
/// <param name="Width">W.</param>
/// <param name="Height">H.</param>
internal sealed record GreyPng(ushort[] Values, int Width, int Height)
{
    private const int Side = 65535;
    private static readonly byte[] s_signature = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="RecipesException">It is no such file, or cut off.</exception>
    public static GreyPng Read(byte[] file, string name)
    {
        try
        {
            return Parse(file);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or ArgumentException)
        {
            throw new RecipesException(
                $"{name}: not a PNG file of numbers ({e.Message.TrimEnd('.')}). Expected grey of 1 to 16 bits or a palette, not interlaced.",
                e
            );
        }
    }

    private static GreyPng Parse(ReadOnlySpan<byte> file)
    {
        if (file.Length < 33 || !file[..8].SequenceEqual(s_signature))
            throw new InvalidDataException("it does not begin like one");
        var (width, height) = (BinaryPrimitives.ReadInt32BigEndian(file[16..]), BinaryPrimitives.ReadInt32BigEndian(file[20..]));
        var (bits, color, interlaced) = (file[24], file[25], file[28]);
        if (width is < 1 or > Side || height is < 1 or > Side || (long)width * height > ImageDecoder.MostPixels)
            throw new InvalidDataException($"it claims {width} x {height} pixels");
        if (color is not (0 or 3) || bits is not (1 or 2 or 4 or 8 or 16) || interlaced != 0)
            throw new InvalidDataException($"colour type {color} of {bits} bits{(interlaced != 0 ? ", interlaced" : "")}");
        using var packed = new MemoryStream();
        var ended = false;
        for (var at = 8; at + 12 <= file.Length && !ended; )
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
            if (length > file.Length - at - 12)
                throw new InvalidDataException("it is cut off");
            var kind = file.Slice(at + 4, 4);
            if (kind.SequenceEqual("IDAT"u8))
                packed.Write(file.Slice(at + 8, (int)length));
            ended = kind.SequenceEqual("IEND"u8);
            at += (int)length + 12;
        }
        if (!ended)
            throw new InvalidDataException("it is cut off");
        packed.Position = 0;
        return new GreyPng(Rows(packed, width, height, bits), width, height);
    }

    private static ushort[] Rows(Stream packed, int width, int height, int bits)
    {
        using var stream = new ZLibStream(packed, CompressionMode.Decompress);
        var (length, step) = ((width * bits + 7) / 8, Math.Max(1, bits / 8));
        var (row, above) = (new byte[length], new byte[length]);
        var values = new ushort[width * height];
        for (var y = 0; y < height; y++)
        {
            var filter = stream.ReadByte();
            stream.ReadExactly(row);
            Unfilter(filter, row, above, step);
            for (var x = 0; x < width; x++)
                values[y * width + x] = bits switch
                {
                    16 => BinaryPrimitives.ReadUInt16BigEndian(row.AsSpan(2 * x)),
                    8 => row[x],
                    _ => (ushort)((row[x * bits / 8] >> (8 - bits - x * bits % 8)) & ((1 << bits) - 1)),
                };
            (row, above) = (above, row);
        }
        return values;
    }

    // PNG specification, sec. 9.2.
    private static void Unfilter(int filter, byte[] row, byte[] above, int step)
    {
        if (filter is < 0 or > 4)
            throw new InvalidDataException(filter < 0 ? "it is cut off" : $"row filter {filter}");
        for (var i = 0; i < row.Length; i++)
        {
            int left = i >= step ? row[i - step] : 0,
                up = above[i],
                corner = i >= step ? above[i - step] : 0;
            row[i] += (byte)(
                filter switch
                {
                    1 => left,
                    2 => up,
                    3 => (left + up) / 2,
                    4 => Paeth(left, up, corner),
                    _ => 0,
                }
            );
        }
    }

    private static int Paeth(int left, int up, int corner)
    {
        var guess = left + up - corner;
        var (a, b, c) = (Math.Abs(guess - left), Math.Abs(guess - up), Math.Abs(guess - corner));
        return a <= b && a <= c ? left
            : b <= c ? up
            : corner;
    }
}
