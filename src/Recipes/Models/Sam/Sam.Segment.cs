using Recipes.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Models;

// From pictures and pixels to masks.
public sealed partial class Sam
{
    // So many prompts go through the decoder at once; a prompt takes about 30 MB at 1024 pixels.
    private const int Together = 16;

    /// <summary>Encodes a picture: the longer side resized, normalised, padded to a square. All prompts of the picture can use the result.</summary>
    /// <param name="image">The picture, of any size.</param>
    /// <param name="resolution">
    /// Side of the square, a multiple of the patch (16). Less is faster and coarser.
    /// <value>Default that of the spec, 1024.</value>
    /// </param>
    /// <exception cref="RecipesException">The resolution is no positive multiple of the patch.</exception>
    public SamEmbedding Encode(RgbImage image, int? resolution = null)
    {
        var size = resolution ?? Spec.ImageSize;
        if (size < Spec.Patch || size % Spec.Patch != 0)
            throw new RecipesException(
                $"{Spec.Name}, resolution: expected a positive multiple of {Spec.Patch}, found {size}. Use {Math.Max(1, size / Spec.Patch) * Spec.Patch}."
            );
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var resized = image.ResizeLongest(size);
        var any = _image.parameters().First();
        using var pixels = SamPixels.Normalize(resized.ToTensor(), size).unsqueeze(0);
        var features = _image.call(pixels.to(any.dtype, any.device));
        return new SamEmbedding(features, image, size, (resized.Width, resized.Height));
    }

    /// <summary>Segments an object of a picture. To ask more than once, <see cref="Encode"/> first: that is nearly all of the time.</summary>
    /// <inheritdoc cref="Segment(SamEmbedding, IReadOnlyList{SamPoint}, IReadOnlyList{PixelBox}, SamLogits, bool)"/>
    /// <param name="image">The picture.</param>
    /// <param name="points">Clicks, in pixels of the picture.</param>
    /// <param name="boxes">A box around the object, in pixels of the picture; or several boxes alone, each around an object.</param>
    /// <param name="mask">The logits of an earlier mask of this picture, to be refined.</param>
    /// <param name="multimask">Three masks, for prompts that may mean several things, such as a single click; or one.</param>
    public Segmentation Segment(
        RgbImage image,
        IReadOnlyList<SamPoint>? points = null,
        IReadOnlyList<PixelBox>? boxes = null,
        SamLogits? mask = null,
        bool multimask = true
    )
    {
        // Bad prompts are refused before the work begins.
        Check(image, Spec.ImageSize, Prompts(points, boxes, mask));
        using var embedding = Encode(image);
        return Segment(embedding, points, boxes, mask, multimask);
    }

    /// <summary>Segments an object of an encoded picture by points, a box and a mask together, or several objects by a box each.</summary>
    /// <param name="embedding">The encoded picture.</param>
    /// <param name="points">Clicks, in pixels of the picture.</param>
    /// <param name="boxes">A box around the object, in pixels of the picture; or several boxes alone, each around an object.</param>
    /// <param name="mask">The logits of an earlier mask of this picture, to be refined.</param>
    /// <param name="multimask">Three masks, for prompts that may mean several things, such as a single click; or one.</param>
    /// <exception cref="RecipesException">No prompt, or prompts outside of the picture or of wrong size; all problems in one error.</exception>
    public Segmentation Segment(
        SamEmbedding embedding,
        IReadOnlyList<SamPoint>? points = null,
        IReadOnlyList<PixelBox>? boxes = null,
        SamLogits? mask = null,
        bool multimask = true
    ) => Segment(embedding, Prompts(points, boxes, mask), multimask);

    /// <summary>Segments several objects of an encoded picture.</summary>
    /// <param name="embedding">The encoded picture.</param>
    /// <param name="prompts">One for each object.</param>
    /// <param name="multimask">Three masks of each object, or one.</param>
    /// <exception cref="RecipesException">No prompt, or prompts outside of the picture or of wrong size; all problems in one error.</exception>
    public Segmentation Segment(SamEmbedding embedding, IReadOnlyList<SamPrompt> prompts, bool multimask = true)
    {
        Check(embedding.Image, embedding.Size, prompts);
        using var _ = no_grad();
        var found = new SegmentedObject[prompts.Count];
        // Prompts of one form make a batch; padding others to that form would change their masks.
        var forms = prompts
            .Select((prompt, i) => (prompt, i))
            .GroupBy(p => (p.prompt.Points.Count, p.prompt.Box is null, p.prompt.Mask is null));
        foreach (var batch in forms.SelectMany(f => f.Chunk(Together)))
        {
            using var scope = NewDisposeScope();
            var tensors = embedding.Tensors([.. batch.Select(b => b.prompt)], embedding.Features.device, embedding.Features.dtype);
            var (logits, ious) = Decode(embedding.Features, tensors, multimask);
            for (var row = 0; row < batch.Length; row++)
                found[batch[row].i] = new SegmentedObject(batch[row].prompt, Masks(embedding, logits[row], ious[row]));
        }
        return new Segmentation(embedding.Image, found);
    }

    // One after the other: at the size of the picture they are large.
    private static SamMask[] Masks(SamEmbedding embedding, Tensor logits, Tensor ious)
    {
        var (image, small) = (embedding.Image, logits.to(ScalarType.Float32));
        var masks = new SamMask[small.shape[0]];
        for (var m = 0; m < masks.Length; m++)
        {
            using var scope = NewDisposeScope();
            var one = small.narrow(0, m, 1).contiguous();
            var large = SamPixels.ToOriginal(one.unsqueeze(0), embedding.Size, embedding.Resized, (image.Width, image.Height));
            masks[m] = new SamMask(
                large.gt(0).cpu().data<bool>().ToArray(),
                image.Width,
                image.Height,
                ious[m].to(ScalarType.Float64).item<double>(),
                new SamLogits(one.cpu().data<float>().ToArray(), (int)one.shape[2], (int)one.shape[1])
            );
        }
        return masks;
    }

    private SamPrompt[] Prompts(IReadOnlyList<SamPoint>? points, IReadOnlyList<PixelBox>? boxes, SamLogits? mask)
    {
        if (boxes is not { Count: > 1 })
            return
            [
                new SamPrompt
                {
                    Points = points ?? [],
                    Box = boxes is [var box] ? box : null,
                    Mask = mask,
                },
            ];
        var problems = new List<string>();
        if (points is { Count: > 0 })
            problems.Add(
                $"points: expected none beside {boxes.Count} boxes, found {points.Count}; give a list of SamPrompt, one for each object"
            );
        if (mask is not null)
            problems.Add($"mask: expected none beside {boxes.Count} boxes, found one; give a list of SamPrompt, one for each object");
        RecipesException.ThrowIfAny($"{Spec.Name} cannot segment this picture:", problems);
        return [.. boxes.Select(SamPrompt.In)];
    }

    private void Check(RgbImage image, int size, IReadOnlyList<SamPrompt> prompts)
    {
        var side = 4 * (size / Spec.Patch);
        var problems = prompts
            .SelectMany((p, i) => p.Problems(prompts.Count == 1 ? "" : $"prompts[{i}].", image, (side, side)))
            .DefaultIfEmpty(prompts.Count == 0 ? "prompts: expected at least one, found none; say what to segment" : "")
            .Where(p => p.Length > 0)
            .ToList();
        RecipesException.ThrowIfAny($"{Spec.Name} cannot segment this picture:", problems);
    }
}
