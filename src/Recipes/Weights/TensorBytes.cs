using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Weights;

/// <summary>A tensor's memory in pieces that fit a span.</summary>
internal static class TensorBytes
{
    /// <summary>Most bytes of a piece.</summary>
    public const int ChunkBytes = 1 << 26;

    /// <summary>The values are plain row-major bytes in this machine's memory.</summary>
    public static bool IsPlain(Tensor tensor) =>
        tensor.device_type == DeviceType.CPU && tensor.is_contiguous() && !tensor.is_neg() && !(tensor.is_complex() && tensor.is_conj());

    /// <summary>Views of a plain tensor's elements in order, each at most <paramref name="chunkBytes"/> long. The caller
    /// disposes each view.</summary>
    public static IEnumerable<Tensor> Pieces(Tensor tensor, int chunkBytes = ChunkBytes)
    {
        var count = tensor.numel();
        var step = chunkBytes / (int)tensor.ElementSize;
        using var values = tensor.detach();
        using var flat = values.view(-1);
        for (long at = 0; at < count; at += step)
            yield return flat.narrow(0, at, Math.Min(step, count - at));
    }

    /// <summary>Writes a tensor's values row-major; only a tensor that is not plain is copied first, alone.</summary>
    public static void WriteTo(Stream stream, Tensor tensor, int chunkBytes = ChunkBytes)
    {
        if (!IsPlain(tensor))
        {
            using var plain = Plain(tensor);
            WriteTo(stream, plain, chunkBytes);
            return;
        }
        foreach (var piece in Pieces(tensor, chunkBytes))
        {
            using (piece)
                stream.Write(piece.bytes);
        }
    }

    /// <summary>Two tensors of one dtype and shape hold the same bits.</summary>
    public static bool Same(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        var pieces = Pieces(Plain(a)).Zip(Pieces(Plain(b)));
        return pieces.All(p => p.First.bytes.SequenceEqual(p.Second.bytes));
    }

    private static Tensor Plain(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var here = tensor.detach();
        if (here.device_type != DeviceType.CPU)
            here = here.to(CPU);
        if (here.is_neg())
            here = here.resolve_neg();
        if (here.is_complex() && here.is_conj())
            here = here.resolve_conj();
        return here.contiguous().MoveToOuterDisposeScope();
    }
}
