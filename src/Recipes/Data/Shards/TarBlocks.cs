using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Recipes.Data;

/// <summary>What System.Formats.Tar does not look at: the checksums of headers, and the blocks of zeros that end an archive.</summary>
internal static class TarBlocks
{
    /// <summary>Bytes of a block.</summary>
    public const int Size = 512;

    private const int ChecksumAt = 148;
    private const int ChecksumLength = 8;
    private const int SizeAt = 124;

    /// <summary>The next whole block.</summary>
    public static long RoundUp(long length) => (length + Size - 1) / Size * Size;

    /// <summary>Whether all headers of a member are as they were written: its own, and those of the attributes before it.</summary>
    /// <param name="file">The archive.</param>
    /// <param name="from">Where the first header stands.</param>
    /// <param name="data">Where the member's data begin, after the last header.</param>
    public static bool AreWhole(SafeFileHandle file, long from, long data)
    {
        Span<byte> block = stackalloc byte[Size];
        while (from < data)
        {
            if (RandomAccess.Read(file, block, from) < Size || !IsWhole(block))
                return false;
            if (from + Size >= data)
                return true;
            from += Size + RoundUp(Octal(block.Slice(SizeAt, 12)) ?? 0);
        }
        return true;
    }

    /// <summary>Whether a block of zeros stands here.</summary>
    public static bool IsEnd(SafeFileHandle file, long at)
    {
        Span<byte> block = stackalloc byte[Size];
        return RandomAccess.Read(file, block, at) == Size && block.IndexOfAnyExcept((byte)0) < 0;
    }

    private static bool IsWhole(ReadOnlySpan<byte> block)
    {
        // The checksum itself counts as spaces.
        var sum = ChecksumLength * ' ';
        for (var i = 0; i < Size; i++)
            sum += i is >= ChecksumAt and < ChecksumAt + ChecksumLength ? 0 : block[i];
        return Octal(block.Slice(ChecksumAt, ChecksumLength)) == sum;
    }

    private static long? Octal(ReadOnlySpan<byte> field)
    {
        var text = Encoding.ASCII.GetString(field).Trim('\0', ' ');
        long value = 0;
        foreach (var digit in text)
        {
            if (digit is < '0' or > '7')
                return null;
            value = value * 8 + (digit - '0');
        }
        return value;
    }
}
