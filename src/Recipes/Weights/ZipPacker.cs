using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Recipes.Weights;

/// <summary>Writes a zip archive in memory, the same bytes for the same members: no times, no names of systems. Members are
/// stored as they are, at multiples of 64 bytes (as PyTorch maps them), or deflated.</summary>
internal sealed class ZipPacker
{
    private const int Alignment = 64;
    private const ushort Padding = 0x4246; // "FB", the field that torch.save fills
    private const ushort FirstDay = 0x21; // 1 January 1980
    private static readonly uint[] s_crc = Table();
    private readonly ArrayBufferWriter<byte> _archive = new();
    private readonly ArrayBufferWriter<byte> _directory = new();
    private int _members;

    /// <summary>Adds a member as it is, aligned.</summary>
    public void Store(string name, ReadOnlySpan<byte> content) => Add(name, content, content, 0);

    /// <summary>Adds a member, deflated.</summary>
    public void Deflate(string name, ReadOnlySpan<byte> content)
    {
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            deflate.Write(content);
        Add(name, content, packed.GetBuffer().AsSpan(0, (int)packed.Length), 8);
    }

    /// <summary>The whole archive.</summary>
    public byte[] ToArray()
    {
        var start = (uint)_archive.WrittenCount;
        _archive.Write(_directory.WrittenSpan);
        Span<byte> end = stackalloc byte[22];
        end.Clear();
        Put(end, 0, 0x06054b50u);
        Put(end, 8, (ushort)_members);
        Put(end, 10, (ushort)_members);
        Put(end, 12, (uint)_directory.WrittenCount);
        Put(end, 16, start);
        _archive.Write(end);
        return _archive.WrittenSpan.ToArray();
    }

    /// <summary>The checksum of a member's content.</summary>
    public static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
            crc = s_crc[(byte)(crc ^ value)] ^ (crc >> 8);
        return ~crc;
    }

    private void Add(string name, ReadOnlySpan<byte> content, ReadOnlySpan<byte> packed, ushort method)
    {
        if (_members == ushort.MaxValue || (long)_archive.WrittenCount + packed.Length > int.MaxValue - (1 << 20))
            throw new RecipesException("an archive in memory holds at most 65,535 members and 2 GiB; write fewer arrays into it.");
        var local = (uint)_archive.WrittenCount;
        var title = Encoding.UTF8.GetBytes(name);
        // Signature, version, flags (UTF-8 names), method, time, date, CRC, sizes, lengths of name and extra field.
        Span<byte> head = stackalloc byte[30];
        head.Clear();
        Put(head, 0, 0x04034b50u);
        Put(head, 4, (ushort)20);
        Put(head, 6, Ascii.IsValid(title) ? (ushort)0 : (ushort)0x800);
        Put(head, 8, method);
        Put(head, 12, FirstDay);
        Put(head, 14, Crc(content));
        Put(head, 18, (uint)packed.Length);
        Put(head, 22, (uint)content.Length);
        Put(head, 26, (ushort)title.Length);
        var fill = method == 0 ? Fill(local + head.Length + title.Length) : 0;
        Put(head, 28, (ushort)fill);
        _archive.Write(head);
        _archive.Write(title);
        if (fill > 0)
        {
            var extra = new byte[fill];
            Put(extra, 0, Padding);
            Put(extra, 2, (ushort)(fill - 4));
            extra.AsSpan(4).Fill((byte)'Z');
            _archive.Write(extra);
        }
        _archive.Write(packed);
        Span<byte> entry = stackalloc byte[46];
        entry.Clear();
        Put(entry, 0, 0x02014b50u);
        Put(entry, 4, (ushort)20);
        head[4..28].CopyTo(entry[6..]);
        Put(entry, 42, local);
        _directory.Write(entry);
        _directory.Write(title);
        _members++;
    }

    // Bytes of an extra field, at least its head of four, that bring the content to a multiple of the alignment.
    private static int Fill(long at)
    {
        var missing = (int)(Alignment - (at + 4) % Alignment) % Alignment;
        return 4 + missing;
    }

    private static void Put(Span<byte> bytes, int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(bytes[at..], value);

    private static void Put(Span<byte> bytes, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes[at..], value);

    private static uint[] Table()
    {
        var table = new uint[256];
        for (var i = 0u; i < 256; i++)
        {
            var value = i;
            for (var bit = 0; bit < 8; bit++)
                value = (value & 1) != 0 ? 0xEDB88320 ^ (value >> 1) : value >> 1;
            table[i] = value;
        }
        return table;
    }
}
