using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Weights;

/// <summary>How a file lists its tensors. Either way the data is laid out by decreasing alignment, so every tensor is aligned.</summary>
public enum TensorOrder
{
    /// <summary>By dtype, then by name, as the reference writer does: equal tensors give equal bytes, whoever wrote them.</summary>
    Canonical,

    /// <summary>As given: the header reads like the model, and the data keeps that order within each dtype.</summary>
    Given,
}

/// <summary>Writes safetensors files: atomically, aligned to 8 bytes, one tensor at a time.</summary>
public static class SafetensorsWriter
{
    private const int Alignment = 8;

    /// <summary>Writes tensors of any layout and device; none is changed. A tensor that is not contiguous on the CPU is
    /// copied while it is written, the others are written from where they are.</summary>
    /// <param name="path">The file; an older one is replaced only when the new one is complete.</param>
    /// <param name="tensors">Names and tensors.</param>
    /// <param name="metadata">Texts for <c>__metadata__</c>, written in order of their keys.</param>
    /// <param name="order">How the tensors are listed.</param>
    /// <exception cref="RecipesException">Names that stand twice, tensors that the format cannot hold (all together), or a
    /// place that cannot be written; nothing is left behind.</exception>
    public static void Write(
        string path,
        IEnumerable<KeyValuePair<string, Tensor>> tensors,
        IReadOnlyDictionary<string, string>? metadata = null,
        TensorOrder order = TensorOrder.Canonical
    )
    {
        var given = tensors.ToList();
        Check(path, given);
        AtomicFile.Write(path, stream => WriteTo(stream, given, metadata, order));
    }

    /// <summary>Writes the tensors of an open file, of any format and dtype, straight from its mapping.</summary>
    /// <param name="path">The file; an older one is replaced only when the new one is complete.</param>
    /// <param name="file">The tensors.</param>
    /// <param name="metadata">Texts for <c>__metadata__</c>.</param>
    /// <exception cref="RecipesException">A name or a value that the format cannot hold, or a place that cannot be written.</exception>
    public static void Write(string path, WeightsFile file, IReadOnlyDictionary<string, string>? metadata = null)
    {
        if (file.Contains(SafetensorsHeader.MetadataKey))
            throw new RecipesException($"{path} cannot be written: the name {SafetensorsHeader.MetadataKey} is reserved for the metadata.");
        foreach (var entry in file.Entries)
            file.CheckValues(entry);
        var payloads = file.Entries.Select(e => new Payload(e, stream => file.WriteTo(stream, e))).ToList();
        AtomicFile.Write(path, stream => WriteTo(stream, payloads, metadata, TensorOrder.Given));
    }

    /// <summary>Writes the format to any stream.</summary>
    internal static void WriteTo(
        Stream stream,
        IReadOnlyList<KeyValuePair<string, Tensor>> tensors,
        IReadOnlyDictionary<string, string>? metadata,
        TensorOrder order
    ) => WriteTo(stream, [.. tensors.Select(Payload.Of)], metadata, order);

    private static void WriteTo(
        Stream stream,
        IReadOnlyList<Payload> payloads,
        IReadOnlyDictionary<string, string>? metadata,
        TensorOrder order
    )
    {
        var layout = Layout(payloads, order);
        var listed = order == TensorOrder.Canonical ? layout : [.. layout.OrderBy(t => t.Index)];
        var header = Header([.. listed.Select(t => t.Entry)], metadata);
        Span<byte> prefix = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
        stream.Write(prefix);
        stream.Write(header);
        foreach (var (_, index) in layout)
            payloads[index].Write(stream);
    }

    // What is to be written: the place within its source does not matter.
    private sealed record Payload(Entry Entry, Action<Stream> Write)
    {
        public static Payload Of(KeyValuePair<string, Tensor> t) =>
            new(
                new Entry(t.Key, t.Value.dtype.ToDtype()!.Value, t.Value.shape, 0, t.Value.numel() * t.Value.ElementSize),
                stream => TensorBytes.WriteTo(stream, t.Value)
            );
    }

    // Decreasing dtype rank is decreasing alignment; the sort is stable, so equal keys stay in the given order.
    private static List<(Entry Entry, int Index)> Layout(IReadOnlyList<Payload> payloads, TensorOrder order)
    {
        var sorted = payloads
            .Select((p, index) => (p.Entry, Index: index))
            .OrderByDescending(p => p.Entry.Dtype)
            .ThenBy(p => order == TensorOrder.Canonical ? p.Entry.Name : "", Utf8Order);
        var layout = new List<(Entry, int)>(payloads.Count);
        long offset = 0;
        foreach (var (entry, index) in sorted)
        {
            layout.Add((entry with { Offset = offset }, index));
            offset += entry.Length;
        }
        return layout;
    }

    // The reference compares UTF-8 bytes, which differs from UTF-16 order beyond the basic plane.
    private static readonly Comparer<string> Utf8Order = Comparer<string>.Create(
        static (a, b) => System.Text.Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(b))
    );

    private static byte[] Header(IReadOnlyList<Entry> entries, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(SafetensorsHeader.MetadataKey);
                foreach (var (key, value) in metadata.OrderBy(m => m.Key, StringComparer.Ordinal))
                    json.WriteString(key, value);
                json.WriteEndObject();
            }
            foreach (var entry in entries)
                WriteEntry(json, entry);
            json.WriteEndObject();
        }
        while (buffer.Length % Alignment != 0)
            buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }

    private static void WriteEntry(Utf8JsonWriter json, Entry entry)
    {
        json.WriteStartObject(entry.Name);
        json.WriteString("dtype", entry.Dtype.ToString());
        json.WriteStartArray("shape");
        foreach (var size in entry.Shape)
            json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(entry.Offset);
        json.WriteNumberValue(entry.Offset + entry.Length);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Check(string path, IReadOnlyList<KeyValuePair<string, Tensor>> tensors)
    {
        var problems = new List<string>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, tensor) in tensors)
        {
            if (!names.Add(name))
                problems.Add($"{name}: the name stands twice");
            if (name == SafetensorsHeader.MetadataKey)
                problems.Add($"{name}: the name is reserved for the metadata");
            if (tensor.IsInvalid)
                problems.Add($"{name}: the tensor is disposed");
            else if (tensor.is_sparse)
                problems.Add($"{name}: a sparse tensor; write its indices and values, or to_dense()");
            else if (tensor.device_type == DeviceType.META)
                problems.Add($"{name}: a tensor on the meta device has no values");
            else if (tensor.dtype.ToDtype() is null)
                problems.Add($"{name}: the format has no dtype for {tensor.dtype}");
        }
        RecipesException.ThrowIfAny($"{path} cannot be written ({problems.Count} problems, nothing written):", problems);
    }
}
