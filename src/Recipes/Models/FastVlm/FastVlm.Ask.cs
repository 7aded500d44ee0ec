using Recipes.Data;
using static TorchSharp.torch;

namespace Recipes.Models;

public sealed partial class FastVlm
{
    /// <summary>What a picture goes through before the encoder sees it: a black square around it, no normalisation.</summary>
    public ImagePreprocessing Preprocessing => ImagePreprocessing.FastVlm(Parts.ImageSize);

    /// <summary>Answers a question about a picture.</summary>
    /// <param name="image">A picture file.</param>
    /// <param name="question">The question.</param>
    /// <param name="tokenizer">Null for the one beside the official weights in the cache.</param>
    /// <param name="sampling">How to choose tokens; null for greedy, at most 256 tokens.</param>
    /// <exception cref="RecipesException">The file is no picture, or there is no tokenizer, or it is of another model.</exception>
    public string Ask(string image, string question, Qwen2Tokenizer? tokenizer = null, SamplingOptions? sampling = null) =>
        string.Concat(AskStreaming([image], question, tokenizer, sampling));

    /// <summary>The same, piece by piece as the answer is made, about any number of pictures, which stand before the question.</summary>
    /// <param name="images">Picture files of any sizes.</param>
    /// <param name="question">The question.</param>
    /// <param name="tokenizer">Null for the one beside the official weights in the cache.</param>
    /// <param name="sampling">How to choose tokens; null for greedy, at most 256 tokens.</param>
    /// <exception cref="RecipesException">A file is no picture, or there is no tokenizer, or it is of another model.</exception>
    public IEnumerable<string> AskStreaming(
        IReadOnlyList<string> images,
        string question,
        Qwen2Tokenizer? tokenizer = null,
        SamplingOptions? sampling = null
    )
    {
        var words = tokenizer ?? Tokenizer();
        var options = sampling ?? SamplingOptions.Greedy;
        options.Check();
        if (words.Vocabulary > Spec.Vocabulary)
            throw new RecipesException(
                $"{Parts.Name}: the tokenizer knows {words.Vocabulary} tokens, the network {Spec.Vocabulary}; it is of another model."
            );
        var prompt = Prompt(images, words.Chat([ChatTurn.User(question, images.Count)]));
        return Answer(prompt, words, options with { Stop = [.. options.Stop, words.TurnEnd, words.EndOfText] });
    }

    private IEnumerable<string> Answer(Tensor prompt, Qwen2Tokenizer tokenizer, SamplingOptions options)
    {
        var text = new StreamedText(tokenizer);
        foreach (var token in this.GenerateFrom(prompt, options))
        {
            if (text.Append((int)token) is { Length: > 0 } piece)
                yield return piece;
        }
        if (text.Finish() is { Length: > 0 } rest)
            yield return rest;
    }

    private Tensor Prompt(IReadOnlyList<string> images, IReadOnlyList<int> tokens)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var like = Connector.parameters().First();
        var ids = tensor(tokens.Select(t => (long)t).ToArray(), [1, tokens.Count], device: like.device);
        IReadOnlyList<Tensor> features = [];
        if (images.Count > 0)
            features = EncodeImages(Preprocessing.Read(images).to(like.dtype, like.device)).unbind(0);
        return Splice(ids, features).Embeds.DetachFromDisposeScope();
    }

    private Qwen2Tokenizer Tokenizer()
    {
        var folder = Path.Combine(DataRoots.Cache, WeightsCatalog.Prefix + Parts.Name);
        return Directory.Exists(folder)
            ? Qwen2Tokenizer.Open(folder)
            : throw new MissingDataException(
                $"{Parts.Name}: its tokenizer is not in the cache. It comes with the weights: 'recipes data get {WeightsCatalog.Prefix}{Parts.Name} --accept-licence'; or give one. Looked for:",
                [folder]
            );
    }
}
