using Recipes.Data;
using Recipes.Layers;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Verbs;

/// <summary>A network of images and captions that is asked about augmented images and captions; it stays the caller's.</summary>
/// <param name="Network">An <see cref="IPairEncoder"/>.</param>
/// <param name="Tokenizer">Of its captions.</param>
/// <param name="Context">Token ids of a caption.</param>
/// <param name="Normalization">Of its images.</param>
public sealed record PairTeacher(Module Network, ClipTokenizer Tokenizer, int Context, Normalization Normalization)
{
    /// <summary>Its embeddings of images of one side, <c>[N, D]</c> bfloat16 on the CPU, length 1.</summary>
    internal Tensor Images(byte[] rgb, int count, int size) =>
        Ask(encoder =>
        {
            var table = tensor(Normalization.Table(), [3, 256], device: Device);
            var bytes = tensor(rgb, [count * size * size, 3]).to(Device).to(ScalarType.Int64);
            var pixels = stack(Enumerable.Range(0, 3).Select(c => table[c].index_select(0, bytes.select(1, c))), 1); // [N·S·S, 3]
            return encoder.EncodeImage(pixels.view(count, size, size, 3).permute(0, 3, 1, 2));
        });

    /// <summary>Its embeddings of captions, <c>[N, D]</c> bfloat16 on the CPU, length 1.</summary>
    internal Tensor Captions(IReadOnlyList<string> captions) =>
        Ask(encoder => encoder.EncodeText(Tokenizer.Encode(captions, Context).to(Device)));

    /// <summary>Width of its embeddings.</summary>
    public int Width
    {
        get
        {
            using var one = Captions([""]);
            return (int)one.shape[1];
        }
    }

    private Device Device => Network.parameters().First().device;

    private Tensor Ask(Func<IPairEncoder, Tensor> question)
    {
        using var scope = NewDisposeScope();
        using var mode = new EvaluationMode(Network);
        using var _ = no_grad();
        return question((IPairEncoder)Network).to(ScalarType.BFloat16).cpu().MoveToOuterDisposeScope();
    }
}
