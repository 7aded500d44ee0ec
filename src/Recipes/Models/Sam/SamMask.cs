using System.Runtime.InteropServices;
using Recipes.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Models;

/// <summary>One mask of an object.</summary>
/// <param name="Pixels">Row by row, <c>[Height, Width]</c>: true on the object.</param>
/// <param name="Width">Columns, those of the picture.</param>
/// <param name="Height">Rows, those of the picture.</param>
/// <param name="PredictedIou">How well the network believes that it found the object: about 0 to 1, where 1 is exact.</param>
/// <param name="Logits">What the mask was made from; a prompt for the next round (<see cref="SamPrompt.Mask"/>).</param>
public sealed record SamMask(bool[] Pixels, int Width, int Height, double PredictedIou, SamLogits Logits)
{
    /// <summary>Pixels on the object.</summary>
    public int Area { get; } = Pixels.Count(p => p);

    /// <summary>The object's share of the picture, 0 to 1.</summary>
    public double Share => (double)Area / Pixels.Length;

    /// <summary>The smallest box around the object; empty when there is nothing.</summary>
    public PixelBox Box { get; } = Tight(Pixels, Width);

    /// <summary>Whether a pixel is on the object.</summary>
    /// <param name="x">Column.</param>
    /// <param name="y">Row.</param>
    public bool this[int x, int y] => Pixels[y * Width + x];

    /// <summary>The pixels as bool <c>[Height, Width]</c>, in the caller's scope.</summary>
    public Tensor ToTensor() => tensor(Pixels, [Height, Width]);

    private static PixelBox Tight(bool[] pixels, int width)
    {
        var bytes = MemoryMarshal.AsBytes(pixels.AsSpan());
        var (left, top, right, bottom) = (width, -1, 0, 0);
        for (var y = 0; y < bytes.Length / width; y++)
        {
            var row = bytes.Slice(y * width, width);
            var first = row.IndexOf((byte)1);
            if (first < 0)
                continue;
            top = top < 0 ? y : top;
            (left, right, bottom) = (Math.Min(left, first), Math.Max(right, row.LastIndexOf((byte)1) + 1), y + 1);
        }
        return top < 0 ? default : new PixelBox(left, top, right, bottom);
    }
}

/// <summary>What a prompt gave.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Masks">Three masks in the network's order (usually from part to whole), or one.</param>
public sealed record SegmentedObject(SamPrompt Prompt, IReadOnlyList<SamMask> Masks)
{
    /// <summary>The mask of the highest predicted IoU.</summary>
    public SamMask Best => Masks.MaxBy(m => m.PredictedIou)!;
}
