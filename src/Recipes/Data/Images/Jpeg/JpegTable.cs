namespace Recipes.Data;

/// <summary>
/// A Huffman table of a JPEG file for looking up ten bits at once. An entry holds the code's length (bits 0 to 7) and symbol (8 to 15); in
/// tables of AC coefficients whose bits fit too, the whole length, the run of zeros and the value (16 to 31), which is never 0.
/// </summary>
internal sealed class JpegTable
{
    /// <summary>Bits that are looked up.</summary>
    public const int Looked = 10;

    private const int Longest = 16;
    private readonly int[] _limits = new int[Longest + 2];
    private readonly int[] _offsets = new int[Longest + 1];
    private readonly byte[] _symbols = new byte[256];

    /// <summary>The entries; 0 where the code is longer, or there is none.</summary>
    public int[] Entries { get; } = new int[1 << Looked];

    /// <summary>Takes a table over; false where it is none.</summary>
    /// <param name="counts">Codes of 1 to 16 bits.</param>
    /// <param name="symbols">Their symbols.</param>
    /// <param name="values">Whether values may stand in entries (AC).</param>
    public bool Set(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> symbols, bool values)
    {
        Entries.AsSpan().Clear();
        symbols.CopyTo(_symbols);
        var (code, at) = (0, 0);
        for (var length = 1; length <= Longest; length++)
        {
            _offsets[length] = at - code;
            for (var i = 0; i < counts[length - 1]; i++, code++, at++)
            {
                if (code >= 1 << length)
                    return false;
                if (length <= Looked)
                    Fill(code, length, symbols[at], values);
            }
            _limits[length] = code << (Longest - length);
            code <<= 1;
        }
        return true;
    }

    /// <summary>Length and symbol of a code that is not among the entries, from the next 16 bits; 0 where there is none.</summary>
    public int Find(int bits)
    {
        for (var length = Looked + 1; length <= Longest; length++)
        {
            if (bits < _limits[length])
                return _symbols[(bits >> (Longest - length)) + _offsets[length] & 255] << 8 | length;
        }
        return 0;
    }

    private void Fill(int code, int length, byte symbol, bool values)
    {
        var free = Looked - length;
        var size = symbol & 15;
        for (var rest = 0; rest < 1 << free; rest++)
        {
            var entry = symbol << 8 | length;
            if (values && size > 0 && size <= free)
            {
                var value = rest >> (free - size);
                if (value < 1 << (size - 1))
                    value -= (1 << size) - 1;
                entry = value << 16 | symbol >> 4 << 8 | length + size;
            }
            Entries[code << free | rest] = entry;
        }
    }
}
