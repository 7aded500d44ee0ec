namespace Recipes.Models;

// The costs of language models, with and without an image encoder, by formula: the larger ones do not fit into memory.
internal static class LanguageInfo
{
    /// <summary>Tokens of the prompt where nothing else is said.</summary>
    public const int Prompt = 256;

    public static ModelInfo Of(DecoderSpec spec, int tokens)
    {
        Check(spec.Name, tokens);
        var cost = new Profile(spec.Parameters, 0, spec.Macs(tokens, 1) + spec.AttentionMacs(tokens), 0, 0, 0)
        {
            AttentionMacs = spec.AttentionMacs(tokens),
        };
        return new ModelInfo(spec.Name, 0, cost, null, Parts(spec, tokens))
        {
            Input = $"a prompt of {tokens} tokens, up to the first answer token; {Cache(spec, tokens)}",
        };
    }

    public static ModelInfo Of(FastVlmSpec spec, int resolution, int tokens)
    {
        Check(spec.Name, tokens);
        var vision = ModelInfo.Of(spec.Vision, resolution);
        var (language, images) = (spec.Language, spec.ImageTokens(resolution));
        var (all, side) = (images + tokens, spec.MapSide(resolution));
        var head = (long)spec.Vision.FeatureWidth * spec.Vision.Classes; // in the checkpoints, not used
        return new ModelInfo(
            spec.Name,
            resolution,
            Whole(vision.Train),
            Whole(vision.Folded!),
            [
                new PartInfo(
                    "vision encoder",
                    vision.Train.Parameters,
                    vision.Folded!.Parameters,
                    [1, spec.Vision.FeatureWidth, side, side]
                ),
                new PartInfo("connector", spec.Connector, null, [1, images, language.Width]),
                .. Parts(language, all),
            ]
        )
        {
            Input =
                $"{resolution} x {resolution}, one image of {images} tokens and a prompt of {tokens}, up to the first answer token; {Cache(language, all)}",
        };

        Profile Whole(Profile part) =>
            part with
            {
                Parameters = part.Parameters + spec.Connector + language.Parameters,
                Macs = part.Macs - head + spec.PrefillMacs(images, tokens) + language.AttentionMacs(all),
                AttentionMacs = part.AttentionMacs + language.AttentionMacs(all),
            };
    }

    private static List<PartInfo> Parts(DecoderSpec spec, int tokens) =>
        [
            new PartInfo("embeddings", spec.Embeddings, null, [1, tokens, spec.Width]),
            new PartInfo("layers", spec.Body, null, [1, tokens, spec.Width]),
            new PartInfo("logits", 0, null, [1, spec.Vocabulary]),
        ];

    private static string Cache(DecoderSpec spec, int tokens) =>
        $"keys and values take {spec.CacheBytes(tokens, 2) / 1024.0:N0} KiB in 16 bits";

    private static void Check(string name, int tokens)
    {
        if (tokens < 0)
            throw new RecipesException($"{name}: a prompt of {tokens} tokens; expected 0 or more.");
    }
}
