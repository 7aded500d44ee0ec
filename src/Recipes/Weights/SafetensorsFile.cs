using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Weights;

/// <summary>
/// A safetensors file, memory-mapped: opening reads and checks the header only; a tensor's bytes are touched when it is
/// asked for, and copied once. Dispose when done (on Windows a mapped file cannot be replaced).
/// </summary>
/// <remarks>Layout: 8 bytes little-endian header length, the header (JSON), then the tensors' bytes, row-major and
/// little-endian, without holes. Reading from several threads at once is allowed. An open file may be replaced by moving
/// another over it, as <see cref="AtomicFile"/> does, but not be cut short in place.</remarks>
public sealed unsafe class SafetensorsFile : IDisposable
{
    private const int PrefixLength = 8;
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly Dictionary<string, Entry> _byName;
    private readonly long _dataStart;

    private SafetensorsFile(string path, MemoryMappedFile map, MemoryMappedViewAccessor view, SafetensorsHeader header, long dataStart)
    {
        Path = path;
        (_map, _view, _dataStart) = (map, view, dataStart);
        Entries = header.Entries;
        Metadata = header.Metadata;
        _byName = header.Entries.ToDictionary(e => e.Name, StringComparer.Ordinal);
    }

    /// <summary>The file's path as it was given.</summary>
    public string Path { get; }

    /// <summary>What the file holds, in the order of its header.</summary>
    public IReadOnlyList<Entry> Entries { get; }

    /// <summary>The texts under <c>__metadata__</c>; empty where there are none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and checks everything that its header says.</summary>
    /// <exception cref="RecipesException">The file is missing, cut short, damaged or hostile; all problems together.</exception>
    public static SafetensorsFile Open(string path)
    {
        MemoryMappedFile? map = null;
        MemoryMappedViewAccessor? view = null;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            var headerLength = ReadPrefix(stream, path);
            map = MemoryMappedFile.CreateFromFile(
                stream,
                null,
                0,
                MemoryMappedFileAccess.Read,
                HandleInheritability.None,
                leaveOpen: false
            );
            view = map.CreateViewAccessor(0, stream.Length, MemoryMappedFileAccess.Read);
            var start = PrefixLength + headerLength;
            var header = ParseHeader(view, (int)headerLength, stream.Length - start, path);
            return new SafetensorsFile(path, map, view, header, start);
        }
        catch (Exception e)
        {
            view?.Dispose();
            map?.Dispose();
            if (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
                throw new RecipesException($"{path}: cannot be opened ({e.Message.TrimEnd('.')}).", e);
            throw;
        }
    }

    /// <summary>Whether the file holds a tensor of this name.</summary>
    public bool Contains(string name) => _byName.ContainsKey(name);

    /// <summary>The entry of this name.</summary>
    /// <exception cref="RecipesException">There is none; the error names the nearest.</exception>
    public Entry this[string name] =>
        _byName.TryGetValue(name, out var entry)
            ? entry
            : throw new RecipesException($"{Path} holds no tensor {name}{Nearest.Hint(name, _byName.Keys)}.");

    /// <summary>A tensor's raw bytes in the mapping, without a copy, for any dtype; valid until the file is disposed.</summary>
    /// <exception cref="RecipesException">No such tensor, or 2 GiB and more, which a span cannot hold.</exception>
    public ReadOnlySpan<byte> Bytes(string name)
    {
        var entry = this[name];
        if (entry.Length > int.MaxValue)
            throw new RecipesException($"{Path}: {entry} has {entry.Length} bytes, more than a span holds; use {nameof(Read)}.");
        var pointer = Acquire();
        try
        {
            return new ReadOnlySpan<byte>(pointer + entry.Offset, (int)entry.Length);
        }
        finally
        {
            Release();
        }
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

    /// <summary>Every tensor, in the header's order; the caller owns them.</summary>
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
        var pointer = Acquire();
        try
        {
            for (long at = 0; at < entry.Length; at += TensorBytes.ChunkBytes)
            {
                var chunk = new ReadOnlySpan<byte>(pointer + entry.Offset + at, (int)Math.Min(TensorBytes.ChunkBytes, entry.Length - at));
                var bad = chunk.IndexOfAnyExceptInRange((byte)0, (byte)1);
                if (bad >= 0)
                    throw new RecipesException($"{Path}: {entry}: element {at + bad} is the byte {chunk[bad]}, expected 0 or 1.");
            }
        }
        finally
        {
            Release();
        }
    }

    /// <summary>The torch type of an entry.</summary>
    internal ScalarType TorchType(Entry entry) =>
        entry.Dtype.ToTorch()
        ?? throw new RecipesException(
            $"{Path}: {entry}: TorchSharp has no {entry.Dtype} tensors; convert it where the file was made, or use {nameof(Bytes)}."
        );

    private void Copy(Entry entry, Tensor destination)
    {
        CheckValues(entry);
        var pointer = Acquire();
        try
        {
            long at = 0;
            foreach (var piece in TensorBytes.Pieces(destination))
            {
                using (piece)
                {
                    var bytes = piece.bytes;
                    new ReadOnlySpan<byte>(pointer + entry.Offset + at, bytes.Length).CopyTo(bytes);
                    at += bytes.Length;
                }
            }
        }
        finally
        {
            Release();
        }
    }

    // Holding the pointer keeps the mapping alive, so a Dispose on another thread cannot pull it away during a copy.
    private byte* Acquire()
    {
        byte* pointer = null;
        ObjectDisposedException.ThrowIf(_view.SafeMemoryMappedViewHandle.IsClosed, this);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        return pointer + _view.PointerOffset + _dataStart;
    }

    private void Release() => _view.SafeMemoryMappedViewHandle.ReleasePointer();

    private static long ReadPrefix(FileStream stream, string path)
    {
        Span<byte> prefix = stackalloc byte[PrefixLength];
        var read = stream.ReadAtLeast(prefix, PrefixLength, throwOnEndOfStream: false);
        if (read < PrefixLength)
            throw SafetensorsHeader.Bad(path, $"the file has {read} bytes, fewer than the {PrefixLength} of the header's length");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > SafetensorsHeader.MaxLength)
            throw SafetensorsHeader.Bad(path, $"the header claims {length} bytes, more than the format's {SafetensorsHeader.MaxLength}");
        if ((long)length > stream.Length - PrefixLength)
            throw SafetensorsHeader.Bad(
                path,
                $"the header claims {length} bytes, but only {stream.Length - PrefixLength} follow (cut short?)"
            );
        return (long)length;
    }

    private static SafetensorsHeader ParseHeader(MemoryMappedViewAccessor view, int length, long dataLength, string path)
    {
        byte* pointer = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        try
        {
            var json = new ReadOnlySpan<byte>(pointer + view.PointerOffset + PrefixLength, length);
            return SafetensorsHeader.Parse(json, dataLength, path);
        }
        finally
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    /// <summary>Unmaps the file. Tensors that were read stay.</summary>
    public void Dispose()
    {
        _view.Dispose();
        _map.Dispose();
    }
}
