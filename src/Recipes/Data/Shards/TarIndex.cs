using System.Formats.Tar;
using Microsoft.Win32.SafeHandles;

namespace Recipes.Data;

/// <summary>Where a member of a tar is.</summary>
/// <param name="Extension">What follows its sample's key and a dot.</param>
/// <param name="Offset">Where its content begins, in bytes.</param>
/// <param name="Length">Bytes of its content.</param>
internal readonly record struct TarMember(string Extension, long Offset, long Length);

/// <summary>The samples of a tar by offset, and everything wrong with the archive.</summary>
internal sealed class TarIndex
{
    private readonly List<TarMember> _members = [];
    private readonly List<string> _keys = [];
    private readonly List<int> _starts = [];
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly List<SampleProblem> _problems = [];
    private readonly string _name;
    private string? _current;
    private bool _dropped;

    private TarIndex(string name) => _name = name;

    /// <summary>Keys in the archive's order.</summary>
    public IReadOnlyList<string> Keys => _keys;

    /// <summary>What was found wrong.</summary>
    public IReadOnlyList<SampleProblem> Problems => _problems;

    /// <summary>The members of a sample.</summary>
    public ReadOnlySpan<TarMember> Members(int sample)
    {
        var end = sample + 1 < _starts.Count ? _starts[sample + 1] : _members.Count;
        return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_members)[_starts[sample]..end];
    }

    /// <summary>Reads all headers, none of the contents.</summary>
    /// <param name="file">The archive, unpacked.</param>
    /// <param name="name">How problems name it.</param>
    /// <param name="before">A problem found before; null for none.</param>
    public static TarIndex Read(SafeFileHandle file, string name, SampleProblem? before = null)
    {
        var index = new TarIndex(name);
        if (before is not null)
            index._problems.Add(before);
        var end = 0L;
        try
        {
            using var stream = new HandleStream(file);
            using var reader = new TarReader(stream, leaveOpen: true);
            while (reader.GetNextEntry() is { } entry)
            {
                if (!index.Add(entry, file, stream.Length, ref end))
                    return index;
            }
            if (!TarBlocks.IsEnd(file, end))
                index.CutOff("the blocks of zeros that end a tar are missing");
        }
        catch (EndOfStreamException)
        {
            index.CutOff("it ends within a member or a header");
        }
        catch (Exception e)
            when (e is InvalidDataException or FormatException or ArgumentException or OverflowException or NotSupportedException)
        {
            var begun = index._members.Count > 0;
            index.Report("", begun ? "damaged tar" : "no tar", $"{e.Message.TrimEnd('.')} after byte {end}");
        }
        return index;
    }

    // False when nothing after this member can be trusted.
    private bool Add(TarEntry entry, SafeFileHandle file, long length, ref long end)
    {
        if (entry.EntryType is TarEntryType.GlobalExtendedAttributes)
            return true;
        var data = entry.DataOffset < 0 ? end + TarBlocks.Size : entry.DataOffset;
        if (!TarBlocks.AreWhole(file, end, data))
        {
            Drop(entry.Name);
            Report(entry.Name, "bad checksum", $"the header before byte {data} is damaged; what follows is not read");
            return false;
        }
        if (entry.Length > length - data)
        {
            Drop(entry.Name);
            CutOff($"{entry.Name} has {entry.Length} bytes from byte {data}, the file ends at {length}");
            return false;
        }
        end = data + TarBlocks.RoundUp(entry.Length);
        if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile)
            Add(entry.Name, data, entry.Length);
        else if (entry.EntryType != TarEntryType.Directory)
            Report(entry.Name, "no plain file", $"a member of type {entry.EntryType}");
        return true;
    }

    private void Add(string name, long offset, long length)
    {
        if (ShardSample.Split(name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name) is not { } parts)
            return;
        if (parts.Key != _current)
        {
            _current = parts.Key;
            _dropped = !_known.Add(parts.Key);
            if (_dropped)
            {
                Report(parts.Key, "duplicate key", "the members of a sample stand together, and each key once; the first is used");
                return;
            }
            _keys.Add(parts.Key);
            _starts.Add(_members.Count);
        }
        if (_dropped)
            return;
        foreach (var member in Members(_keys.Count - 1))
        {
            if (member.Extension == parts.Extension)
            {
                Report(name, "duplicate member", "the first is used");
                return;
            }
        }
        _members.Add(new TarMember(string.Intern(parts.Extension), offset, length));
    }

    // The sample that a damaged member belongs to is not whole.
    private void Drop(string name)
    {
        if (_keys.Count == 0 || ShardSample.Split(name)?.Key != _keys[^1])
            return;
        _members.RemoveRange(_starts[^1], _members.Count - _starts[^1]);
        _keys.RemoveAt(_keys.Count - 1);
        _starts.RemoveAt(_starts.Count - 1);
    }

    private void CutOff(string detail) => Report("", "cut off", detail + "; get or write the file again");

    private void Report(string sample, string reason, string detail) => _problems.Add(new SampleProblem(_name, sample, reason, detail));
}
