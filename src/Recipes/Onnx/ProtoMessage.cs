using System.Buffers;
using Google.Protobuf;

namespace Recipes.Onnx;

// A protobuf message field by field, for a schema as small and fixed as ONNX's.
internal sealed class ProtoMessage
{
    private const uint LengthDelimited = 2;
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public long Length => _bytes.WrittenCount;

    public ProtoMessage Add(int field, long value) =>
        Write(o =>
        {
            o.WriteTag(Tag(field, 0));
            o.WriteInt64(value);
        });

    public ProtoMessage Add(int field, float value) =>
        Write(o =>
        {
            o.WriteTag(Tag(field, 5));
            o.WriteFloat(value);
        });

    public ProtoMessage Add(int field, string value) =>
        Write(o =>
        {
            o.WriteTag(Tag(field, LengthDelimited));
            o.WriteString(value);
        });

    public ProtoMessage Add(int field, ProtoMessage value) =>
        Write(o =>
        {
            o.WriteTag(Tag(field, LengthDelimited));
            o.WriteBytes(ByteString.CopyFrom(value._bytes.WrittenSpan));
        });

    /// <summary>The head of a field whose bytes follow from elsewhere.</summary>
    public ProtoMessage Open(int field, long length) =>
        Write(o =>
        {
            o.WriteTag(Tag(field, LengthDelimited));
            o.WriteUInt64((ulong)length);
        });

    /// <summary>Bytes that a field of this length takes, its head included.</summary>
    public static long SizeOf(int field, long length) =>
        CodedOutputStream.ComputeUInt32Size(Tag(field, LengthDelimited)) + CodedOutputStream.ComputeUInt64Size((ulong)length) + length;

    public void WriteTo(Stream stream) => stream.Write(_bytes.WrittenSpan);

    private ProtoMessage Write(Action<CodedOutputStream> write)
    {
        using var buffer = new MemoryStream();
        using (var output = new CodedOutputStream(buffer, leaveOpen: true))
            write(output);
        _bytes.Write(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
        return this;
    }

    private static uint Tag(int field, uint wire) => ((uint)field << 3) | wire;
}
