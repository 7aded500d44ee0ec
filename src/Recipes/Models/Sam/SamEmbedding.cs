using Recipes.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Models;

/// <summary>A picture that is encoded, for any number of prompts. It owns its tensor; dispose it when done.</summary>
public sealed class SamEmbedding : IDisposable
{
    internal SamEmbedding(Tensor features, RgbImage image, int size, (int Width, int Height) resized) =>
        (Features, Image, Size, Resized) = (features.DetachFromDisposeScope(), image, size, resized);

    /// <summary>The image encoder's output, <c>[1, C, Size/16, Size/16]</c>.</summary>
    public Tensor Features { get; }

    /// <summary>The picture.</summary>
    public RgbImage Image { get; }

    /// <summary>Side of the square that the network got, in pixels.</summary>
    public int Size { get; }

    /// <summary>Sides of the picture in the upper left corner of that square; the rest is padding.</summary>
    public (int Width, int Height) Resized { get; }

    /// <inheritdoc/>
    public void Dispose() => Features.Dispose();

    // Prompts of one form (as many points; with or without box and mask), in pixels of the square.
    internal SamPromptTensors Tensors(IReadOnlyList<SamPrompt> prompts, Device device, ScalarType dtype)
    {
        var (x, y) = ((double)Resized.Width / Image.Width, (double)Resized.Height / Image.Height);
        var (count, points) = (prompts.Count, prompts[0].Points.Count);
        Tensor Floats(IEnumerable<double> values, params long[] shape) => tensor([.. values.Select(v => (float)v)], shape, device: device);
        return new SamPromptTensors(
            points == 0 ? null : Floats(prompts.SelectMany(p => p.Points).SelectMany(p => (double[])[p.X * x, p.Y * y]), count, points, 2),
            points == 0
                ? null
                : tensor(prompts.SelectMany(p => p.Points).Select(p => p.Foreground ? 1L : 0L).ToArray(), [count, points], device: device),
            prompts[0].Box is null
                ? null
                : Floats(
                    prompts.Select(p => p.Box!.Value).SelectMany(b => (double[])[b.Left * x, b.Top * y, b.Right * x, b.Bottom * y]),
                    count,
                    4
                ),
            prompts[0].Mask is null ? null : stack(prompts.Select(p => p.Mask!.ToTensor())).unsqueeze(1).to(dtype, device)
        );
    }
}
