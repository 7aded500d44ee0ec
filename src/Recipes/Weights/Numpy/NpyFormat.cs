using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Recipes.Weights;

/// <summary>numpy's format of one array (.npy): a mark, a version, a header that is a Python dictionary, the elements.</summary>
internal static partial class NpyFormat
{
    private const int Alignment = 64;
    private const int LongestHeader = 1 << 16;
    private static ReadOnlySpan<byte> Mark => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    private static readonly Dictionary<string, Dtype> s_types = new(StringComparer.Ordinal)
    {
        ["|b1"] = Dtype.BOOL,
        ["|u1"] = Dtype.U8,
        ["|i1"] = Dtype.I8,
        ["<i2"] = Dtype.I16,
        ["<u2"] = Dtype.U16,
        ["<f2"] = Dtype.F16,
        ["<i4"] = Dtype.I32,
        ["<u4"] = Dtype.U32,
        ["<f4"] = Dtype.F32,
        ["<c8"] = Dtype.C64,
        ["<f8"] = Dtype.F64,
        ["<i8"] = Dtype.I64,
        ["<u8"] = Dtype.U64,
    };

    /// <summary>The array that a file's bytes hold; its elements are not copied where they lie row by row.</summary>
    /// <exception cref="RecipesException">It is no array, or not as long as its header says.</exception>
    public static DenseArray Read(byte[] file, Func<string, RecipesException> bad)
    {
        if (file.Length < 12 || !file.AsSpan().StartsWith(Mark) || file[6] is < 1 or > 3)
            throw bad("it is no array of numpy (version 1 to 3), or is cut short");
        var start = file[6] == 1 ? 10 : 12;
        var size = file[8] | file[9] << 8 | (start == 12 ? file[10] << 16 | file[11] << 24 : 0);
        if (size is < 0 or > LongestHeader || size > file.Length - start)
            throw bad($"its header claims {(uint)size} bytes of {file.Length}");
        var (dtype, shape, columns) = Parse(Encoding.UTF8.GetString(file, start, size), bad);
        var elements = file.AsMemory(start + size);
        var bytes = DenseArray.Length(dtype, shape);
        if (bytes != elements.Length)
            throw bad($"{dtype} [{string.Join(", ", shape)}] needs {bytes} bytes, it has {elements.Length}");
        return new DenseArray(dtype, shape, columns && shape.Length > 1 ? RowMajor(elements.Span, shape, dtype.Bits() / 8) : elements);
    }

    /// <summary>The bytes of an array, version 1, as numpy.save writes them.</summary>
    /// <exception cref="RecipesException">numpy has no such element type.</exception>
    public static byte[] Write(DenseArray array)
    {
        if (s_types.FirstOrDefault(t => t.Value == array.Dtype).Key is not { } type)
            throw new RecipesException($"numpy has no {array.Dtype}; convert the array to F32, or write it for PyTorch.");
        var shape = array.Shape.Count == 1 ? $"({array.Shape[0]},)" : $"({string.Join(", ", array.Shape)})";
        var header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}";
        var start = (10 + header.Length + Alignment) / Alignment * Alignment;
        var bytes = new byte[start + array.Bytes.Length];
        Mark.CopyTo(bytes);
        (bytes[6], bytes[8], bytes[9]) = (1, (byte)(start - 10), (byte)((start - 10) >> 8));
        Encoding.ASCII.GetBytes(header.PadRight(start - 11) + "\n", bytes.AsSpan(10));
        array.Bytes.Span.CopyTo(bytes.AsSpan(start));
        return bytes;
    }

    private static (Dtype Type, long[] Shape, bool Columns) Parse(string header, Func<string, RecipesException> bad)
    {
        if (Header().Match(header) is not { Success: true } found)
            throw bad("its header is not {'descr': …, 'fortran_order': …, 'shape': …}");
        var type = found.Groups["type"].Value;
        if (type is ['=', .. var rest])
            type = "<" + rest;
        if (!s_types.TryGetValue(type, out var dtype))
            throw bad($"its elements are '{type}'; known are {string.Join(", ", s_types.Keys)}. Save it as float32");
        var sides = found.Groups["side"].Captures.Select(c => c.Value).ToList();
        if (sides.Count > SafetensorsHeader.MaxRank)
            throw bad($"it has {sides.Count} dimensions");
        return (
            dtype,
            [.. sides.Select(s => long.TryParse(s, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : -1)],
            found.Groups["columns"].Value == "True"
        );
    }

    private static byte[] RowMajor(ReadOnlySpan<byte> columns, long[] shape, int size)
    {
        var rows = new byte[columns.Length];
        var index = new long[shape.Length];
        for (var to = 0; to < rows.Length; to += size)
        {
            long from = 0;
            for (var d = shape.Length - 1; d >= 0; d--)
                from = from * shape[d] + index[d];
            columns.Slice((int)from * size, size).CopyTo(rows.AsSpan(to));
            for (var d = shape.Length - 1; d >= 0 && ++index[d] == shape[d]; d--)
                index[d] = 0;
        }
        return rows;
    }

    [GeneratedRegex(
        @"^\{ *'descr': *'(?<type>[<>|=][a-zA-Z][0-9]{1,3})', *'fortran_order': *(?<columns>True|False), *'shape': *\((?: *(?<side>[0-9]{1,18}) *,?)*\),? *\}[ \n\0]*$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Header();
}
