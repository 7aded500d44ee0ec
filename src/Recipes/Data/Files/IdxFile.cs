using System.Buffers.Binary;

namespace Recipes.Data;

/// <summary>One IDX file of unsigned bytes: magic 0x0000 08 DIMENSIONS, the dimensions as big-endian int32, then the bytes.</summary>
/// <param name="Shape">The dimensions.</param>
/// <param name="Data">The bytes, row-major.</param>
internal sealed record IdxFile(int[] Shape, ReadOnlyMemory<byte> Data)
{
    /// <summary>Reads a file with this many dimensions, or adds problems and gives null.</summary>
    public static IdxFile? Read(string path, int dimensions, List<string> problems)
    {
        if (PackedFile.Read(path, problems) is not { } bytes)
            return null;
        var header = 4 + 4 * dimensions;
        if (bytes.Length < header)
        {
            problems.Add($"{path}: expected a header of {header} bytes, found a file of {bytes.Length}");
            return null;
        }
        var magic = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        if (magic != 0x0800 + (uint)dimensions)
        {
            problems.Add($"{path}: expected the magic number {0x0800 + dimensions} (bytes, {dimensions} dimensions), found {magic}");
            return null;
        }
        var shape = new int[dimensions];
        for (var d = 0; d < dimensions; d++)
            shape[d] = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(4 + 4 * d));
        var expected = shape.Aggregate((Int128)1, (product, n) => product * Math.Max(n, 0)) + header;
        if (shape.Any(n => n <= 0) || expected != bytes.Length)
        {
            var size = shape.Any(n => n <= 0) ? "positive dimensions" : $"{expected} bytes for its header [{string.Join(", ", shape)}]";
            var found = shape.Any(n => n <= 0) ? $"[{string.Join(", ", shape)}]" : $"{bytes.Length}";
            problems.Add($"{path}: expected {size}, found {found}");
            return null;
        }
        return new IdxFile(shape, bytes.AsMemory(header));
    }
}
