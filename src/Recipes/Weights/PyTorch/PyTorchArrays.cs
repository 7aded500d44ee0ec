using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;

namespace Recipes.Weights;

/// <summary>
/// A dictionary of tensors in memory in torch.save's format, with gzip around it (.pth.gz) or without: read without running any
/// code, and written so that torch.load reads it.
/// </summary>
[SuppressMessage("Naming", "CA1724", Justification = "Arrays as PyTorch stores them.")]
public static class PyTorchArrays
{
    /// <summary>The most bytes that a gzip may unpack to, unless asked for more.</summary>
    public const long MostBytes = 1L << 28;

    /// <summary>Reads the tensors of a dictionary.</summary>
    /// <param name="file">The whole file; gzip is known by its first bytes.</param>
    /// <param name="name">How errors name it.</param>
    /// <param name="mostBytes">The most bytes that a gzip may unpack to.</param>
    /// <exception cref="RecipesException">It is damaged, cut short, hostile, or holds something else than tensors.</exception>
    public static IReadOnlyDictionary<string, DenseArray> Read(byte[] file, string name, long mostBytes = MostBytes)
    {
        var content = file is [0x1f, 0x8b, ..] ? Unpack(file, name, mostBytes) : file;
        using var open = PyTorchFile.Read(content, name);
        using var state = open.StateDict(".");
        var arrays = new OrderedDictionary<string, DenseArray>(StringComparer.Ordinal);
        foreach (var entry in state.Entries)
            arrays.Add(entry.Name, new DenseArray(entry.Dtype, entry.Shape, state.Bytes(entry.Name).ToArray()));
        return arrays;
    }

    /// <summary>The bytes of a file for torch.load; equal arrays give equal bytes.</summary>
    /// <exception cref="RecipesException">An element type that PyTorch has no storage for.</exception>
    public static byte[] Write(IEnumerable<KeyValuePair<string, DenseArray>> arrays)
    {
        var tensors = arrays.ToList();
        var zip = new ZipPacker();
        zip.Store("archive/data.pkl", PickleWriter.Dictionary(tensors));
        for (var i = 0; i < tensors.Count; i++)
            zip.Store($"archive/data/{i}", tensors[i].Value.Bytes.Span);
        zip.Store("archive/version", "3\n"u8);
        return zip.ToArray();
    }

    /// <summary>The same with gzip around it, as DataCompDR's .pth.gz members are.</summary>
    public static byte[] WriteGzip(IEnumerable<KeyValuePair<string, DenseArray>> arrays)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(Write(arrays));
        return packed.ToArray();
    }

    private static byte[] Unpack(byte[] file, string name, long most)
    {
        try
        {
            using var gzip = new GZipStream(new MemoryStream(file, writable: false), CompressionMode.Decompress);
            var content = new MemoryStream();
            var buffer = new byte[1 << 16];
            while (gzip.Read(buffer) is > 0 and var read)
            {
                if (content.Length + read > most)
                    throw PyTorchError.Bad(name, $"its gzip of {file.Length} bytes unpacks to more than {most}");
                content.Write(buffer, 0, read);
            }
            // The last four bytes are the length; what is cut off behind the content would go unnoticed.
            return file.Length > 4 && BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(file.Length - 4)) == content.Length
                ? content.ToArray()
                : throw PyTorchError.Bad(name, $"its gzip unpacks to {content.Length} bytes, which is not what it says (cut short?)");
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw PyTorchError.Bad(name, $"its gzip is damaged or cut short ({e.Message.TrimEnd('.')})", e);
        }
    }
}
