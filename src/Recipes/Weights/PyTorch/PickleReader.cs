using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Recipes.Weights;

/// <summary>Reads the arguments of pickle opcodes; everything is checked against what is left.</summary>
internal ref struct PickleReader(ReadOnlySpan<byte> bytes, string path)
{
    private const int LongestLine = 1000;
    private const int LongestInteger = 256;
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    public byte Byte() => Take(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public double Double() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    public byte[] Bytes(ulong length) => Take(length).ToArray();

    /// <summary>Text, which in files of Python 3 is UTF-8, except for halves of surrogate pairs.</summary>
    public string Text(ulong length)
    {
        var text = Take(length);
        try
        {
            return Utf8.GetString(text);
        }
        catch (DecoderFallbackException e)
        {
            throw PyTorchError.Bad(path, $"the text at byte {Position} of the pickle is not UTF-8", e);
        }
    }

    /// <summary>The bytes of a Python 2 text, one character each.</summary>
    public string Latin1(ulong length) => Encoding.Latin1.GetString(Take(length));

    /// <summary>A two's-complement integer; a <see cref="long"/> where it fits.</summary>
    public object Integer(long length)
    {
        if (length is < 0 or > LongestInteger)
            throw PyTorchError.Bad(path, $"the pickle holds an integer of {length} bytes, expected at most {LongestInteger}");
        var number = new BigInteger(Take((ulong)length));
        // Boxed one by one: a common type of both would be BigInteger.
        return number >= long.MinValue && number <= long.MaxValue ? (object)(long)number : number;
    }

    public string Line()
    {
        var rest = _bytes[Position..];
        var end = rest[..Math.Min(rest.Length, LongestLine)].IndexOf((byte)'\n');
        if (end < 0)
            throw PyTorchError.Bad(path, $"the name at byte {Position} of the pickle does not end");
        var line = Encoding.Latin1.GetString(rest[..end]);
        Position += end + 1;
        return line;
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        var left = _bytes.Length - Position;
        if (length > (ulong)left)
            throw PyTorchError.Bad(path, $"the pickle asks for {length} bytes at {Position}, but only {left} are left (cut short?)");
        Position += (int)length;
        return _bytes.Slice(Position - (int)length, (int)length);
    }
}
