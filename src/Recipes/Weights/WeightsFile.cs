using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Weights;

/// <summary>
/// A file of named tensors, whichever its format: safetensors, sharded safetensors, PyTorch's checkpoints. It is memory-mapped:
/// opening checks what the file says of itself, a tensor's bytes are touched when it is asked for, and copied once.
/// </summary>
/// <remarks>Reading from several threads at once is allowed. Dispose it when done (on Windows a mapped file cannot be replaced).
/// An open file may be replaced by moving another over it, as <see cref="AtomicFile"/> does, but not be cut short in place.</remarks>
public abstract class WeightsFile : IDisposable
{
    private const int BufferBytes = 1 << 20;
    private readonly Dictionary<string, Entry> _byName;

    private protected WeightsFile(string path, IReadOnlyList<Entry> entries)
    {
        (Path, Entries) = (path, entries);
        _byName = entries.ToDictionary(e => e.Name, StringComparer.Ordinal);
    }

    /// <summary>Opens a file of any known format; the content decides, not the name.</summary>
    /// <param name="path">A safetensors file, an index of shards (<c>model.safetensors.index.json</c>), or a PyTorch checkpoint.</param>
    /// <param name="part">Which of several state dicts, such as <c>state_dict_ema</c>; null where the file leaves no doubt.</param>
    /// <exception cref="RecipesException">The file is missing, of another format, damaged or hostile.</exception>
    public static WeightsFile Open(string path, string? part = null) => WeightsFormats.Open(path, part);

    /// <summary>The file's path as it was given.</summary>
    public string Path { get; }

    /// <summary>The format's name, such as <c>safetensors</c>.</summary>
    public abstract string Format { get; }

    /// <summary>What the file holds, in the order of the file.</summary>
    public IReadOnlyList<Entry> Entries { get; }

    /// <summary>The texts that come with the tensors; empty where there are none.</summary>
    public virtual IReadOnlyDictionary<string, string> Metadata => new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What a reader should know of how the names were found: the part taken, a prefix taken off, what was left out.</summary>
    public virtual IReadOnlyList<string> Notes => [];

    /// <summary>Every file that is being read.</summary>
    public virtual IReadOnlyList<string> Files => [Path];

    /// <summary>Whether the file holds a tensor of this name.</summary>
    public bool Contains(string name) => _byName.ContainsKey(name);

    /// <summary>The entry of this name.</summary>
    /// <exception cref="RecipesException">There is none; the error names the nearest.</exception>
    public Entry this[string name] =>
        _byName.TryGetValue(name, out var entry)
            ? entry
            : throw new RecipesException($"{Path} holds no tensor {name}{Nearest.End(name, _byName.Keys)}");

    /// <summary>A tensor's raw row-major bytes, for any dtype, valid until the file is disposed; without a copy, unless the
    /// file keeps them in another order.</summary>
    /// <exception cref="RecipesException">No such tensor, or 2 GiB and more, which a span cannot hold.</exception>
    public ReadOnlySpan<byte> Bytes(string name)
    {
        var entry = this[name];
        if (entry.Length > int.MaxValue)
            throw new RecipesException($"{Path}: {entry} has {entry.Length} bytes, more than a span holds; use {nameof(Read)}.");
        var source = Source(entry);
        if (source.Strides is null)
            return source.File.Span(source.Offset, (int)entry.Length);
        var bytes = new byte[entry.Length];
        source.Fill(entry, 0, bytes);
        return bytes;
    }

    /// <summary>A new tensor with this entry's dtype, shape and values, copied once from the mapping; the caller owns it.</summary>
    /// <exception cref="RecipesException">No such tensor, a dtype that TorchSharp cannot hold, or a BOOL other than 0 and 1.</exception>
    public Tensor Read(string name, Device? device = null)
    {
        var entry = this[name];
        var tensor = empty([.. entry.Shape], dtype: TorchType(entry));
        try
        {
            Copy(entry, tensor);
            if (device is null || device.type == DeviceType.CPU)
                return tensor;
            var moved = tensor.to(device);
            tensor.Dispose();
            return moved;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Every tensor, in the file's order; the caller owns them.</summary>
    public IReadOnlyDictionary<string, Tensor> ReadAll(Device? device = null)
    {
        var all = new OrderedDictionary<string, Tensor>(StringComparer.Ordinal);
        try
        {
            foreach (var entry in Entries)
                all.Add(entry.Name, Read(entry.Name, device));
            return all;
        }
        catch
        {
            foreach (var tensor in all.Values)
                tensor.Dispose();
            throw;
        }
    }

    /// <summary>Copies a tensor's values into an existing tensor of the same dtype and shape, on any device and of any
    /// memory layout; without a temporary where that is on the CPU and contiguous.</summary>
    /// <exception cref="RecipesException">Dtype or shape differ, or the values cannot be read.</exception>
    public void CopyTo(string name, Tensor destination)
    {
        var entry = this[name];
        if (destination.dtype.ToDtype() != entry.Dtype || !destination.shape.SequenceEqual(entry.Shape))
            throw new RecipesException(
                $"{Path}: {entry} does not fit a tensor {destination.dtype} [{string.Join(", ", destination.shape)}]."
            );
        if (TensorBytes.IsPlain(destination))
        {
            Copy(entry, destination);
            return;
        }
        using var _ = no_grad();
        using var values = Read(name);
        destination.copy_(values);
    }

    /// <summary>Checks the values that have a wrong form: a BOOL must be 0 or 1. Reads those tensors.</summary>
    internal void CheckValues(Entry entry)
    {
        if (entry.Dtype != Dtype.BOOL)
            return;
        long at = 0;
        Visit(
            entry,
            chunk =>
            {
                var bad = chunk.IndexOfAnyExceptInRange((byte)0, (byte)1);
                if (bad >= 0)
                    throw new RecipesException($"{Path}: {entry}: element {at + bad} is the byte {chunk[bad]}, expected 0 or 1.");
                at += chunk.Length;
            }
        );
    }

    /// <summary>Writes a tensor's row-major bytes.</summary>
    internal void WriteTo(Stream stream, Entry entry) => Visit(entry, piece => stream.Write(piece));

    /// <summary>The torch type of an entry.</summary>
    internal ScalarType TorchType(Entry entry) =>
        entry.Dtype.ToTorch()
        ?? throw new RecipesException(
            $"{Path}: {entry}: TorchSharp has no {entry.Dtype} tensors; convert it where the file was made, or use {nameof(Bytes)}."
        );

    /// <summary>Where an entry's elements lie.</summary>
    internal abstract TensorPlace Source(Entry entry);

    private void Visit(Entry entry, Action<ReadOnlySpan<byte>> action)
    {
        var source = Source(entry);
        var buffer = new byte[Math.Min(BufferBytes, entry.Length)];
        for (long at = 0; at < entry.Length; at += buffer.Length)
        {
            var piece = buffer.AsSpan(0, (int)Math.Min(buffer.Length, entry.Length - at));
            source.Fill(entry, at, piece);
            action(piece);
        }
    }

    private void Copy(Entry entry, Tensor destination)
    {
        CheckValues(entry);
        var source = Source(entry);
        long at = 0;
        foreach (var piece in TensorBytes.Pieces(destination))
        {
            using (piece)
            {
                var bytes = piece.bytes;
                source.Fill(entry, at, bytes);
                at += bytes.Length;
            }
        }
    }

    /// <summary>Unmaps the file. Tensors that were read stay.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Unmaps what the format opened.</summary>
    private protected abstract void Dispose(bool disposing);
}
