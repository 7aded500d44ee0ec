using System.Buffers.Binary;
using System.Text;

namespace Recipes.Weights;

/// <summary>A member of a zip archive whose bytes lie in the file as they are.</summary>
internal readonly record struct ZipMember(string Name, long Offset, long Length);

/// <summary>The directory of a zip archive (zip64 too), every claim checked: sizes and places inside the file, local headers that
/// say the same, no overlap.</summary>
internal sealed class ZipDirectory
{
    private const int EndLength = 22;
    private const int LongestComment = 65535;
    private readonly MappedFile _file;
    private readonly Dictionary<string, ZipMember> _members = new(StringComparer.Ordinal);
    private readonly HashSet<string> _packed = new(StringComparer.Ordinal);

    public ZipDirectory(MappedFile file)
    {
        _file = file;
        var (count, start, length) = FindEnd();
        Read(count, start, length);
        CheckOverlap(start);
    }

    /// <summary>The names of all members.</summary>
    public IEnumerable<string> Names => _members.Keys;

    /// <summary>The member of a name; null where there is none.</summary>
    /// <exception cref="RecipesException">It is compressed.</exception>
    public ZipMember? Find(string name)
    {
        if (!_members.TryGetValue(name, out var member))
            return null;
        return _packed.Contains(name)
            ? throw Bad($"the member {name} is compressed, which torch.save never does; unpack the archive and pack it again with 'zip -0'")
            : member;
    }

    private (long Count, long Start, long Length) FindEnd()
    {
        var tail = (int)Math.Min(_file.Length, EndLength + LongestComment);
        var bytes = _file.Span(_file.Length - tail, tail);
        for (var at = tail - EndLength; at >= 0; at--)
        {
            var end = bytes[at..];
            if (Number(end, 0, 4) != 0x06054b50 || EndLength + Number(end, 20, 2) != end.Length)
                continue;
            if (Number(end, 4, 2) != Number(end, 6, 2))
                throw Bad("it is one piece of an archive of several files");
            var directory = (Number(end, 10, 2), Number(end, 16, 4), Number(end, 12, 4));
            return directory is (0xffff, _, _) or (_, 0xffffffff, _) or (_, _, 0xffffffff)
                ? FindEnd64(_file.Length - tail + at)
                : directory;
        }
        throw Bad("it begins as a zip archive, but the archive's directory is missing from its end (cut short?)");
    }

    private (long Count, long Start, long Length) FindEnd64(long end)
    {
        var at = end >= 20 ? end - 20 : throw Bad("the zip64 locator is missing");
        var locator = _file.Span(at, 20);
        var place = Number(locator, 8, 8);
        if (Number(locator, 0, 4) != 0x07064b50 || place < 0 || place > at - 56)
            throw Bad("the zip64 locator is missing or points outside the file");
        var record = _file.Span(place, 56);
        return Number(record, 0, 4) == 0x06064b50
            ? (Number(record, 32, 8), Number(record, 48, 8), Number(record, 40, 8))
            : throw Bad("the zip64 directory is missing");
    }

    private void Read(long count, long start, long length)
    {
        if (start < 0 || length < 0 || start > _file.Length - length || length > int.MaxValue)
            throw Bad($"the archive's directory claims {length} bytes at {start}, outside the file's {_file.Length}");
        var bytes = _file.Span(start, (int)length);
        for (long i = 0; i < count; i++)
        {
            if (bytes.Length < 46 || Number(bytes, 0, 4) != 0x02014b50)
                throw Bad($"the archive's directory claims {count} members, but ends or breaks after {i}");
            var total = 46 + Number(bytes, 28, 2) + Number(bytes, 30, 2) + Number(bytes, 32, 2);
            if (total > bytes.Length)
                throw Bad($"member {i} of the archive's directory is cut short");
            Add(bytes[..(int)total], start);
            bytes = bytes[(int)total..];
        }
    }

    private void Add(ReadOnlySpan<byte> header, long directory)
    {
        var nameLength = (int)Number(header, 28, 2);
        var name = Encoding.UTF8.GetString(header.Slice(46, nameLength));
        var (packed, length, local) = (Number(header, 20, 4), Number(header, 24, 4), Number(header, 42, 4));
        Extra64(header.Slice(46 + nameLength, (int)Number(header, 30, 2)), ref length, ref packed, ref local);
        if ((Number(header, 8, 2) & 1) != 0)
            throw Bad($"the member {name} is encrypted");
        if (local < 0 || local > directory - 30 || packed < 0 || length < 0)
            throw Bad($"the member {name} claims to begin at {local}, outside the members' {directory} bytes");
        var start = _file.Span(local, 30);
        var data = local + 30 + Number(start, 26, 2) + Number(start, 28, 2);
        if (Number(start, 0, 4) != 0x04034b50 || Number(start, 26, 2) != nameLength || data > directory - packed)
            throw Bad($"the member {name} claims {packed} bytes at {local}, where it does not fit or something else stands");
        if (!_file.Span(local + 30, nameLength).SequenceEqual(header.Slice(46, nameLength)))
            throw Bad($"the member {name} has another name where its bytes are");
        if (!_members.TryAdd(name, new ZipMember(name, data, packed)))
            throw Bad($"the member {name} stands twice");
        if (Number(header, 10, 2) != 0)
            _packed.Add(name);
        else if (packed != length)
            throw Bad($"the member {name} is stored as it is, but claims {packed} bytes for {length}");
    }

    // Sizes that do not fit 32 bits stand in the field 1, in this order, those only.
    private void Extra64(ReadOnlySpan<byte> extra, ref long length, ref long packed, ref long local)
    {
        while (extra.Length >= 4)
        {
            var size = (int)Math.Min(Number(extra, 2, 2), extra.Length - 4);
            if (Number(extra, 0, 2) == 1)
            {
                var field = extra.Slice(4, size);
                Take(ref field, ref length);
                Take(ref field, ref packed);
                Take(ref field, ref local);
            }
            extra = extra[(4 + size)..];
        }
    }

    private void Take(ref ReadOnlySpan<byte> field, ref long value)
    {
        if (value != 0xffffffff)
            return;
        if (field.Length < 8)
            throw Bad("a zip64 size is missing from the archive's directory");
        value = Number(field, 0, 8);
        field = field[8..];
    }

    private void CheckOverlap(long directory)
    {
        long end = 0;
        foreach (var member in _members.Values.OrderBy(m => m.Offset).ThenBy(m => m.Length))
        {
            // The local header lies before the data, so two members need at least its 30 bytes between them.
            if (member.Offset - 30 < end)
                throw Bad($"the member {member.Name} overlaps the one before it");
            end = member.Offset + member.Length;
        }
        if (end > directory)
            throw Bad("the members overlap the archive's directory");
    }

    private static long Number(ReadOnlySpan<byte> bytes, int at, int length) =>
        length switch
        {
            2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]),
            4 => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]),
            _ => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]),
        };

    private RecipesException Bad(string problem) => PyTorchError.Bad(_file.Path, problem);
}
