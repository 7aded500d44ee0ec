using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Recipes.Weights;

/// <summary>A file's bytes, mapped for reading: pages come from the disk when they are touched, and belong to the system's cache.</summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile? _map;
    private readonly MemoryMappedViewAccessor? _view;
    private GCHandle _pinned;

    private MappedFile(string path, long length, MemoryMappedFile? map, MemoryMappedViewAccessor? view) =>
        (Path, Length, _map, _view) = (path, length, map, view);

    public string Path { get; }

    public long Length { get; }

    /// <summary>Maps a file; an empty one has no bytes to map.</summary>
    /// <exception cref="RecipesException">The file is missing, is a folder, or cannot be read.</exception>
    public static MappedFile Open(string path)
    {
        MemoryMappedFile? map = null;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            var length = stream.Length;
            if (length == 0)
                return new MappedFile(path, 0, null, null);
            map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            return new MappedFile(path, length, map, map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read));
        }
        catch (Exception e)
        {
            map?.Dispose();
            if (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
                throw new RecipesException($"{path}: cannot be opened ({e.Message.TrimEnd('.')}).", e);
            throw;
        }
    }

    /// <summary>Bytes that are in memory already, as if they were mapped.</summary>
    public static MappedFile Over(byte[] bytes, string name) =>
        new(name, bytes.Length, null, null) { _pinned = GCHandle.Alloc(bytes, GCHandleType.Pinned) };

    /// <summary>Bytes in the mapping, without a copy; valid until the file is disposed.</summary>
    public ReadOnlySpan<byte> Span(long at, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(at);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(at, Length - length);
        if (length == 0)
            return [];
        var pointer = Acquire();
        try
        {
            return new ReadOnlySpan<byte>(pointer + at, length);
        }
        finally
        {
            Release();
        }
    }

    /// <summary>Copies bytes out of the mapping; a Dispose on another thread waits for it.</summary>
    public void CopyTo(long at, Span<byte> to)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(at);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(at, Length - to.Length);
        if (to.IsEmpty)
            return;
        var pointer = Acquire();
        try
        {
            new ReadOnlySpan<byte>(pointer + at, to.Length).CopyTo(to);
        }
        finally
        {
            Release();
        }
    }

    /// <summary>The first byte. Until <see cref="Release"/> the mapping stays, even when the file is disposed.</summary>
    public byte* Acquire()
    {
        byte* pointer = null;
        if (_pinned.IsAllocated)
            return (byte*)_pinned.AddrOfPinnedObject();
        ObjectDisposedException.ThrowIf(_view is null || _view.SafeMemoryMappedViewHandle.IsClosed, this);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        return pointer + _view.PointerOffset;
    }

    public void Release() => _view?.SafeMemoryMappedViewHandle.ReleasePointer();

    public void Dispose()
    {
        _view?.Dispose();
        _map?.Dispose();
        if (_pinned.IsAllocated)
            _pinned.Free();
    }
}
