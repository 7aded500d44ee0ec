namespace Recipes.Data;

/// <summary>Reads, augments and normalises the pictures of a batch, and encodes their captions. Each worker has its own.</summary>
internal sealed class CaptionFiller(CaptionLoader loader, int epoch) : IBatchFiller
{
    private readonly IReinforcedSet? _stored = loader.Set as IReinforcedSet;
    private readonly PixelTable _table = new(loader.Normalization, loader.ChannelsLast);
    private readonly byte[] _pixels = new byte[3 * loader.Size * loader.Size];
    private readonly int _width = loader.Widths.Sum();

    public void Fill(BatchSlot slot, CancellationToken cancellation)
    {
        var (count, kinds) = (slot.Indices.Length, loader.Kinds);
        var besides = new CaptionBatch(
            kinds,
            new long[count * kinds * loader.Context],
            new float[count * _width],
            new float[count * kinds * _width]
        );
        slot.Besides = besides;
        var images = slot.Images;
        for (var i = 0; i < count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var index = slot.Indices[i];
            var rng = Rng.Stream(loader.Seed, "pairs", epoch, index);
            Picture(index, besides.TeacherImage.AsSpan(i * _width, _width), ref rng);
            _table.Normalize(_pixels, images.Slice(i * _pixels.Length, _pixels.Length));
            for (var kind = 0; kind < kinds; kind++)
            {
                var at = i * kinds + kind;
                var caption = Caption(index, kind, besides.TeacherText.AsSpan(at * _width, _width), ref rng);
                loader.Tokenizer.Fill(caption, besides.Tokens.AsSpan(at * loader.Context, loader.Context));
            }
        }
    }

    private void Picture(int index, Span<float> teachers, ref Rng rng)
    {
        var image = loader.Set.Image(index);
        if (loader.Views is { } views)
        {
            var view = rng.NextInt(views);
            _stored!.View(index, view).Replay(image, loader.Size, _pixels);
            if (_width > 0)
                _stored.ImageEmbedding(index, view, teachers);
            return;
        }
        var augmentation = loader.Augment is { } policy
            ? StoredAugmentation.Draw(policy, image.Width, image.Height, loader.Size, ref rng)
            : Middle(image.Width, image.Height);
        augmentation.Replay(image, loader.Size, _pixels);
    }

    // The largest square.
    private static StoredAugmentation Middle(int width, int height)
    {
        var side = Math.Min(width, height);
        return new StoredAugmentation((height - side) / 2, (width - side) / 2, side, side, null);
    }

    private string Caption(int index, int kind, Span<float> teachers, ref Rng rng)
    {
        var synthetic = loader.Mix switch
        {
            CaptionMix.Real => false,
            CaptionMix.Synthetic => true,
            CaptionMix.Both => kind == 1,
            _ => rng.NextBool(),
        };
        if (synthetic)
        {
            var number = rng.NextInt(loader.Synthetics ?? _stored!.Synthetics);
            if (_width > 0)
                _stored!.SyntheticEmbedding(index, number, teachers);
            return _stored!.Synthetic(index, number);
        }
        var captions = loader.Set.Captions(index);
        var choice = loader.Shuffle ? rng.NextInt(captions.Count) : 0;
        if (_width > 0)
            _stored!.TextEmbedding(index, choice, teachers);
        return captions[choice];
    }
}
