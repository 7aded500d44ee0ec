using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Recipes.Weights;

/// <summary>Writes the pickle (protocol 2) of a dictionary of plain tensors, as torch.save does, without its memo.</summary>
internal sealed class PickleWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>The pickle of tensors whose storages are numbered in order.</summary>
    public static byte[] Dictionary(IReadOnlyList<KeyValuePair<string, DenseArray>> tensors)
    {
        var pickle = new PickleWriter();
        pickle.Op(0x80).Op(2).Op('}').Op('(');
        for (var i = 0; i < tensors.Count; i++)
            pickle.Text(tensors[i].Key).Tensor(tensors[i].Value, i);
        pickle.Op('u').Op('.');
        return pickle._bytes.WrittenSpan.ToArray();
    }

    private void Tensor(DenseArray array, int storage)
    {
        long elements = array.Bytes.Length / (array.Dtype.Bits() / 8);
        var type = TorchTypes.StorageOf(array.Dtype);
        Global("torch._utils _rebuild_tensor_v2").Op('(');
        // ("storage", type, key, location, elements), then the offset.
        Op('(').Text("storage").Global("torch " + type).Text($"{storage}").Text("cpu").Number(elements).Op('t').Op('Q').Number(0);
        Tuple(array.Shape).Tuple(Strides(array.Shape)).Op(0x89);
        Global("collections OrderedDict").Op(')').Op('R').Op('t').Op('R');
    }

    private PickleWriter Tuple(IReadOnlyList<long> numbers)
    {
        Op('(');
        foreach (var number in numbers)
            Number(number);
        return Op('t');
    }

    private PickleWriter Number(long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        if (value is >= 0 and <= 255)
            return Op('K').Op((int)value);
        if (value is >= int.MinValue and <= int.MaxValue)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes, (int)value);
            Op('J');
            _bytes.Write(bytes[..4]);
            return this;
        }
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        Op(0x8a).Op(8);
        _bytes.Write(bytes);
        return this;
    }

    private PickleWriter Text(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
        Op('X');
        _bytes.Write(length);
        _bytes.Write(utf8);
        return this;
    }

    private PickleWriter Global(string moduleAndName)
    {
        Op('c');
        _bytes.Write(Encoding.ASCII.GetBytes(moduleAndName.Replace(' ', '\n') + "\n"));
        return this;
    }

    private PickleWriter Op(int code)
    {
        _bytes.Write([(byte)code]);
        return this;
    }

    private static long[] Strides(IReadOnlyList<long> shape)
    {
        var strides = new long[shape.Count];
        long step = 1;
        for (var d = shape.Count - 1; d >= 0; d--)
        {
            strides[d] = step;
            step *= Math.Max(shape[d], 1);
        }
        return strides;
    }
}
