import { expect, it } from 'vitest'
import { Standstill } from './standstill.ts'

const at = (currentTime: number, paused = false) => ({ currentTime, paused })

it('a picture that moves, or that the viewer stopped, does not stand still', () => {
  const standstill = new Standstill(1_000)
  for (let s = 0; s < 10; s++) expect(standstill.stands(at(s), s * 1_000)).toBe(false)
  for (let s = 10; s < 20; s++) expect(standstill.stands(at(9, true), s * 1_000)).toBe(false)
  expect(standstill.stands(at(9), 19_500)).toBe(false)
})

it('a picture that is not there yet does not stand still, however long it takes', () => {
  const standstill = new Standstill(1_000)
  for (let s = 0; s < 10; s++) expect(standstill.stands(at(0), s * 1_000)).toBe(false)
})

it('a picture that stands still is told once each time the limit has passed', () => {
  const standstill = new Standstill(1_000)
  const told = [0, 500, 900, 1_000, 1_500, 2_000, 2_100].map((ms) => standstill.stands(at(3), ms))
  expect(told).toEqual([false, false, false, true, false, true, false])
})
