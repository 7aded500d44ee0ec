using Recipes.Data;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

// Text and images into one row, as LLaVA's prepare_inputs_labels_for_multimodal orders it.
internal sealed class Splicing(FastVlm model, Tensor ids, IReadOnlyList<Tensor> images, Tensor? mask, Tensor? labels)
{
    private const long Ignored = Qwen2Tokenizer.Unlearned;

    public SplicedRows Run()
    {
        Check();
        using var scope = NewDisposeScope();
        var image = 0;
        var rows = Enumerable.Range(0, (int)ids.shape[0]).Select(b => Row(b, ref image)).ToList();
        var length = Math.Min(rows.Max(r => r.Embeds.shape[0]), model.Parts.Context);
        var embeds = stack(rows.Select(r => Fit(r.Embeds, length, 0)));
        var valid = stack(rows.Select(r => arange(length, device: ids.device).lt(r.Embeds.shape[0])));
        var targets = labels is null ? null : stack(rows.Select(r => Fit(r.Labels!, length, Ignored)));
        return new SplicedRows(embeds.MoveToOuterDisposeScope(), valid.MoveToOuterDisposeScope(), targets?.MoveToOuterDisposeScope());
    }

    private (Tensor Embeds, Tensor? Labels) Row(int b, ref int image)
    {
        var kept = mask is null ? ids[b] : ids[b][mask[b].ne(0)];
        var wanted =
            labels is null ? null
            : mask is null ? labels[b]
            : labels[b][mask[b].ne(0)];
        var places = kept.eq(FastVlm.ImageToken).nonzero().flatten().data<long>().ToArray();
        var (embeds, targets) = (new List<Tensor>(), new List<Tensor>());
        var start = 0L;
        foreach (var place in places.Append(kept.shape[0]))
        {
            if (place > start)
            {
                embeds.Add(model.Embed(kept[(int)start..(int)place].unsqueeze(0)).squeeze(0));
                if (wanted is not null)
                    targets.Add(wanted[(int)start..(int)place]);
            }
            if (place < kept.shape[0])
            {
                embeds.Add(images[image]);
                targets.Add(full([images[image].shape[0]], Ignored, ScalarType.Int64, ids.device));
                image++;
            }
            start = place + 1;
        }
        return (cat(embeds), wanted is null ? null : cat(targets));
    }

    private void Check()
    {
        using var scope = NewDisposeScope();
        if (ids.dim() == 2 && ids.dtype is ScalarType.Int64 or ScalarType.Int32)
            TokenIds.Check(where(ids.eq(FastVlm.ImageToken), zeros_like(ids), ids), model.Spec);
        else
            TokenIds.Check(ids, model.Spec);
        var problems = new List<string>();
        foreach (var (name, given) in ((string, Tensor?)[])[("mask", mask), ("labels", labels)])
        {
            if (given is not null && !given.shape.SequenceEqual(ids.shape))
                problems.Add($"{name}: expected the shape of the ids, [{Text(ids)}], found [{Text(given)}]");
        }
        for (var i = 0; i < images.Count; i++)
        {
            if (images[i].dim() != 2 || images[i].shape[0] == 0 || images[i].shape[1] != model.Spec.Width)
                problems.Add(
                    $"image {i}: expected tokens [T, {model.Spec.Width}], a row of {nameof(FastVlm.EncodeImages)}, found [{Text(images[i])}]"
                );
        }
        if (problems.Count == 0)
        {
            var valid = mask?.ne(0) ?? ones_like(ids, ScalarType.Bool);
            var places = (ids.eq(FastVlm.ImageToken) & valid).sum().item<long>();
            if (places != images.Count)
                problems.Add($"{images.Count} images for {places} image tokens ({FastVlm.ImageToken}) in the ids; give one for each");
            if (valid.any(1).all().item<bool>() is false)
                problems.Add("mask: a row is nothing but padding; leave it out");
        }
        RecipesException.ThrowIfAny($"{model.Parts.Name} cannot join text and images:", problems);
    }

    private static string Text(Tensor tensor) => string.Join(", ", tensor.shape);

    private static Tensor Fit(Tensor row, long length, double padding)
    {
        if (row.shape[0] >= length)
            return row.narrow(0, 0, length);
        var shape = row.shape;
        shape[0] = length - shape[0];
        return cat([row, full(shape, padding, row.dtype, row.device)]);
    }
}
