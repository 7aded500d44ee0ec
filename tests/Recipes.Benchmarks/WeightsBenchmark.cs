using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Recipes.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Benchmarks;

/// <summary>Large files of weights: opening maps them, loading costs about what reading the bytes costs.</summary>
internal static class WeightsBenchmark
{
    private const int Count = 40;

    /// <summary>Reading a file's bytes, against loading all its tensors; the resident growth on opening is in the title.</summary>
    public static IEnumerable<Table> Run(BenchmarkOptions options)
    {
        var folder = Directory.CreateTempSubdirectory("recipes-weights-").FullName;
        try
        {
            var elements = options.Quick ? 125_000 : 3_125_000;
            yield return Measure(Safetensors(folder, elements), options);
            yield return Measure(PyTorch(folder, elements), options);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Table Measure(string path, BenchmarkOptions options)
    {
        var size = new FileInfo(path).Length;
        var growth = Opened(path);
        return Table.Measure(
            $"{Path.GetFileName(path)}, {size / 1e6:F0} MB: opening makes {growth / 1e6:F1} MB resident ({(double)growth / size:P1})",
            1,
            options.Rounds,
            new Arm("read the bytes", () => Cost.Of(() => ReadBytes(path))),
            new Arm("load all tensors", () => Cost.Of(() => LoadAll(path)))
        );
    }

    private static long Opened(string path)
    {
        WeightsFile.Open(path).Dispose();
        var before = Resident();
        using var file = WeightsFile.Open(path);
        return Math.Max(0, Resident() - before);
    }

    // The plain way: tensors of the same sizes, filled by the system, kept until all are there.
    private static void ReadBytes(string path)
    {
        using var scope = NewDisposeScope();
        using var handle = File.OpenHandle(path);
        var length = RandomAccess.GetLength(handle);
        for (long at = 0; at < length; )
        {
            var part = empty(Math.Min((length / Count) + 1, length - at), dtype: ScalarType.Byte).bytes;
            for (var filled = 0; filled < part.Length; )
                filled += RandomAccess.Read(handle, part[filled..], at + filled);
            at += part.Length;
        }
    }

    private static void LoadAll(string path)
    {
        using var scope = NewDisposeScope();
        using var file = WeightsFile.Open(path);
        file.ReadAll();
    }

    private static long Resident()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    private static string Safetensors(string folder, int elements)
    {
        var path = Path.Combine(folder, "large.safetensors");
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(path, Enumerable.Range(0, Count).Select(i => KeyValuePair.Create($"w{i}", rand(elements))));
        return path;
    }

    // As torch.save writes a dictionary of tensors, protocol 2.
    private static string PyTorch(string folder, int elements)
    {
        var path = Path.Combine(folder, "large.pth");
        using var zip = ZipFile.Open(path, ZipArchiveMode.Create);
        using (var pickle = zip.CreateEntry("large/data.pkl", CompressionLevel.NoCompression).Open())
        {
            pickle.Write([0x80, 2, (byte)'}', (byte)'(']);
            for (var i = 0; i < Count; i++)
            {
                Text(pickle, $"w{i}");
                pickle.Write("ctorch._utils\n_rebuild_tensor_v2\n(("u8);
                Text(pickle, "storage");
                pickle.Write("ctorch\nFloatStorage\n"u8);
                Text(pickle, $"{i}");
                Text(pickle, "cpu");
                Number(pickle, elements);
                pickle.Write("tQK\0"u8);
                Number(pickle, elements);
                pickle.Write([0x85, (byte)'K', 1, 0x85, 0x89, (byte)'N', (byte)'t', (byte)'R']);
            }
            pickle.Write("u."u8);
        }
        for (var i = 0; i < Count; i++)
        {
            using var values = rand(elements);
            using var stream = zip.CreateEntry($"large/data/{i}", CompressionLevel.NoCompression).Open();
            stream.Write(values.bytes);
        }
        return path;
    }

    private static void Text(Stream stream, string text)
    {
        stream.WriteByte((byte)'X');
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
        stream.Write(length);
        stream.Write(Encoding.UTF8.GetBytes(text));
    }

    private static void Number(Stream stream, int value)
    {
        stream.WriteByte((byte)'J');
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        stream.Write(bytes);
    }
}
