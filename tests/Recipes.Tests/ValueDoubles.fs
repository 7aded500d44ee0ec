/// Values of every kind that a notebook may have to show.
module Recipes.Tests.ValueDoubles

open System

type Leaf = { Name: string; Size: int }

type Shape =
    | Dot
    | Circle of radius: float * name: string

type Loop =
    {
        Value: int
        mutable Next: Loop option
    }

type Thrower() =
    member _.Good = 1
    member _.Boom: int = failwith "boom <b>"
    override _.ToString() : string = failwith "no text"

type Circular() as this =
    member _.Self: obj = box this

type Family() =
    member val Kids: Family list = [] with get, set

type ByConvention() =
    member _.ToHtml() = "<b>mine</b>"
    override _.ToString() = "mine"

type Failing() =
    member _.ToHtml() : string = failwith "no html <i>"

type Registered() = class end

type Deep(level: int) =
    member _.Items =
        if level = 0 then
            [||]
        else
            Array.init 20 (fun _ -> Deep(level - 1))

[<AttributeUsage(AttributeTargets.Class)>]
type TypeFormatterSourceAttribute(source: Type) =
    inherit Attribute()
    member _.FormatterSourceType = source
    member val PreferredMimeTypes = [| "text/html"; "application/json" |] with get, set

type OtherFormatter(mime: string, text: string) =
    member _.MimeType = mime

    member _.Format(_: obj, writer: IO.TextWriter) =
        writer.Write text
        true

type OtherSource() =
    member _.CreateTypeFormatters() : obj seq =
        [
            OtherFormatter("text/html", "<i>by name</i>")
            OtherFormatter("application/json", """{"a":1}""")
        ]

[<TypeFormatterSource(typeof<OtherSource>)>]
type Attributed() =
    override _.ToString() = "attributed"
