namespace Recipes.Models;

/// <summary>From the official names of FastVLM to those of its port in transformers.</summary>
public static class TransformersNames
{
    private const string Tower = "model.vision_tower.vision_tower.model.";
    private const string Body = "model.";

    /// <summary>The name of a tensor of FastVLM in transformers; the encoder's unused projection has none.</summary>
    public static ForeignName FastVlm(string official, FastVitSpec vision)
    {
        if (official == Tower + "head.proj")
            return new ForeignName(null);
        if (official.StartsWith(Tower, StringComparison.Ordinal))
            return TimmNames.FastVit(official[Tower.Length..], vision).Behind("model.vision_tower.timm_model.");
        return new ForeignName(
            official.StartsWith("model.mm_projector.0.", StringComparison.Ordinal)
                ? official.Replace("mm_projector.0", "multi_modal_projector.linear_1", StringComparison.Ordinal)
            : official.StartsWith("model.mm_projector.2.", StringComparison.Ordinal)
                ? official.Replace("mm_projector.2", "multi_modal_projector.linear_2", StringComparison.Ordinal)
            : official.StartsWith(Body, StringComparison.Ordinal) ? $"model.language_model.{official[Body.Length..]}"
            : official
        );
    }
}
